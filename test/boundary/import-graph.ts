import { builtinModules } from 'node:module';
import { dirname, posix } from 'node:path';
import { type Folder, folderOf, mayImport, mayUseBuiltin } from './import-table.ts';
import type { Reference } from './references.ts';
import type { SourceTree } from './source-tree.ts';

/** A reference from one file to another of ours, or to something that is none of ours and no package. */
interface Edge {
  readonly from: string;
  /** Path relative to the root, or the specifier as written where it is not a path of ours. */
  readonly to: string;
  readonly reference: Reference;
}

function edgesOf(tree: SourceTree, file: string): Edge[] {
  return tree.references(file).flatMap((reference) => {
    const { specifier } = reference;
    if (specifier === null || !specifier.startsWith('.'))
      return [{ from: file, to: specifier ?? '?', reference }];
    const to = resolveIn(tree, posix.join(dirname(file), specifier));
    // A string that merely looks like a path counts where it leads to a file of ours.
    if (reference.how === 'path' && !tree.has(to) && folderOf(`${to}/`) === null) return [];
    return [{ from: file, to, reference }];
  });
}

/** `./x.js` and `./x` stand for `./x.ts` where that is the file. */
function resolveIn(tree: SourceTree, path: string): string {
  const candidates = [path, path.replace(/\.js$/, '.ts'), `${path}.ts`, posix.join(path, 'index.ts')];
  return candidates.find((name) => tree.isSource(name)) ?? path;
}

/** Everything in the tree that the import table forbids, one sentence each; empty where all is well. */
export function violations(tree: SourceTree): string[] {
  return tree.sources().flatMap((file) => edgesOf(tree, file).flatMap((edge) => judge(edge) ?? []));
}

function judge({ from, to, reference: { how, line, specifier } }: Edge): string | null {
  const folder = folderOf(from);
  if (folder === null) return null;
  const where = `${from}:${line}`;
  if (specifier === null) {
    return unguarded(folder) ? null : `${where}: ${how} of a computed name cannot be checked; write it out`;
  }
  if (specifier.startsWith('.')) return judgePath(where, folder, to);
  if (/^(node:)?[a-z_/0-9]+$/.test(specifier) && isBuiltin(specifier)) {
    return mayUseBuiltin(from, specifier)
      ? null
      : `${where}: ${folder} does no I/O and may not use ${specifier}`;
  }
  if (/^(file:|data:|https?:|\/|#)/.test(specifier) || /^cordon(\/|$)/.test(specifier)) {
    return how === 'path'
      ? null
      : `${where}: ${how} of ${specifier} goes round the table; use a relative path`;
  }
  return null;
}

function judgePath(where: string, folder: Folder, to: string): string | null {
  const target = folderOf(to) ?? folderOf(`${to}/`);
  if (target !== null) return mayImport(folder, target) ? null : `${where}: ${folder} may not import ${to}`;
  if (to === 'package.json' || unguarded(folder)) return null;
  // Up to the shelf itself, or to a file that no row of the table covers: it would be a way round.
  return `${where}: ${to} is outside every folder that ${folder} may import`;
}

function unguarded(folder: Folder): boolean {
  return folder === 'cli' || folder === 'experiments';
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

/**
 * The shortest chain of references from any file of `start` to any file of `targets`, or null where there is none.
 * It follows every file, those outside the table included.
 */
export function chain(tree: SourceTree, start: Folder, targets: readonly Folder[]): string[] | null {
  const queue = tree
    .sources()
    .filter((file) => folderOf(file) === start)
    .map((file) => [file]);
  const seen = new Set(queue.flat());
  for (const path of queue) {
    const last = path.at(-1) ?? '';
    const folder = folderOf(last) ?? folderOf(`${last}/`);
    if (folder !== null && targets.includes(folder)) return path;
    if (!tree.isSource(last)) continue;
    for (const { to, reference } of edgesOf(tree, last)) {
      if (reference.specifier?.startsWith('.') !== true || seen.has(to)) continue;
      seen.add(to);
      queue.push([...path, to]);
    }
  }
  return null;
}
