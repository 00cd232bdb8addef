import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Beside the sources. */
export const NOT_COPIED: ReadonlySet<string> = new Set(['node_modules', '.git', 'dist', '.cache']);

export interface TreeCopy extends Disposable {
  readonly root: string;
}

/**
 * A copy of the checkout in a folder of its own, `node_modules` linked, some paths left out and some files planted.
 * @param options.only paths relative to the root, where not all of it is needed
 * @param options.without paths relative to the root
 * @param options.plant relative path -> text
 */
export function copyTree(options: {
  only?: readonly string[];
  without?: readonly string[];
  plant?: Readonly<Record<string, string>>;
}): TreeCopy {
  const root = mkdtempSync(join(tmpdir(), 'cordon-tree-'));
  const left = new Set((options.without ?? []).map((path) => join(ROOT, path)));
  for (const name of options.only ?? readdirSync(ROOT)) {
    if (NOT_COPIED.has(name)) continue;
    cpSync(join(ROOT, name), join(root, name), { recursive: true, filter: (source) => !left.has(source) });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'junction');
  for (const [path, text] of Object.entries(options.plant ?? {})) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}
