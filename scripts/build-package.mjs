/**
 * `prepack`: the JavaScript of the package in `dist/`, because Node strips no types under node_modules.
 * What goes in follows from the sources of this moment, so nothing stale is ever packed.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bin, capture } from './lib/capture.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = join(root, '.cache', 'build');
const dist = join(root, 'dist');

const FOLDERS = [
  'protocol',
  'crypto',
  'models',
  'datasets',
  'participant',
  'coordinator',
  'experiments',
  'cli',
];

/** Files beside the sources that the program itself does not read. */
const NOT_PACKED = [
  /\.test\.ts$/,
  /(^|\/)(kernels\/assembly|vectors|fixtures)\//,
  /(^|\/)(tsconfig\.json|README\.md)$/,
];

/** Sources and assets of the package, relative to the root. */
function packed() {
  return FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .filter((path) => !NOT_PACKED.some((pattern) => pattern.test(path))),
  );
}

/** @param {string} source */
function place(source) {
  if (extname(source) !== '.ts') {
    mkdirSync(dirname(join(dist, source)), { recursive: true });
    cpSync(join(root, source), join(dist, source));
    return;
  }
  const target = source.replace(/\.ts$/, '.js');
  // tsc rewrites the extension in imports; of the path of a worker or child it cannot know that it is one.
  const text = readFileSync(join(built, target), 'utf8').replace(
    /(['"`])(\.{1,2}\/[^'"`\s]+)\.ts\1/g,
    (whole, quote, path) =>
      existsSync(join(root, dirname(source), `${path}.ts`)) ? `${quote}${path}.js${quote}` : whole,
  );
  mkdirSync(dirname(join(dist, target)), { recursive: true });
  writeFileSync(join(dist, target), text, basename(target) === 'cordon.js' ? { mode: 0o755 } : {});
}

const sources = packed();
const missing = () =>
  sources.find((path) => path.endsWith('.ts') && !existsSync(join(built, path.replace(/\.ts$/, '.js'))));

let result = await capture(root, [bin('typescript/bin/tsc'), '-b', 'cli']);
// The record of the last build may say "done" for output that somebody has deleted since.
if (result.ok && missing() !== undefined) {
  result = await capture(root, [bin('typescript/bin/tsc'), '-b', '--force', 'cli']);
}
if (!result.ok || missing() !== undefined) {
  console.error(result.output || `Not built: ${missing()}`);
  process.exit(1);
}
rmSync(dist, { recursive: true, force: true });
for (const source of sources) place(source);
console.error(`Built dist/ from ${sources.length} files.`);
