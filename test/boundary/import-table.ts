/**
 * Who may import whom: complete; what is not named is forbidden. The lint rule is generated from this table, the
 * import-graph test walks the sources against it, and docs/architecture.md must say the same.
 */

/** Every source folder; `crypto` and `crypto/seal` are only the shelves their parts stand on. */
export const FOLDERS = [
  'crypto/seal/public',
  'crypto/seal/secret',
  'crypto/identity',
  'crypto/public',
  'crypto/secret',
  'coordinator',
  'experiments',
  'participant',
  'datasets',
  'protocol',
  'models',
  'cli',
] as const;

export type Folder = (typeof FOLDERS)[number];

/** What a folder may import beside itself. */
export const MAY_IMPORT: Readonly<Record<Folder, readonly Folder[]>> = {
  protocol: [],
  'crypto/public': [],
  'crypto/identity': ['crypto/public'],
  'crypto/secret': ['crypto/public'],
  'crypto/seal/public': ['crypto/public'],
  'crypto/seal/secret': ['crypto/public', 'crypto/secret', 'crypto/seal/public'],
  models: [],
  datasets: ['protocol'],
  participant: [
    'protocol',
    'crypto/public',
    'crypto/identity',
    'crypto/secret',
    'crypto/seal/public',
    'crypto/seal/secret',
    'models',
    'datasets',
  ],
  coordinator: ['protocol', 'crypto/public', 'crypto/identity', 'crypto/seal/public', 'models'],
  experiments: FOLDERS,
  cli: FOLDERS,
};

/** The secret half: what must be out of the coordinator's reach, however long the way. */
export const SECRET: readonly Folder[] = ['crypto/secret', 'crypto/seal/secret', 'participant'];

/** Folders that do no I/O; their kernel loaders alone read a file, the .wasm beside them. */
export const NO_IO: readonly Folder[] = ['protocol', 'crypto/public', 'models'];

/** Modules of Node that compute and touch nothing outside the process. */
const PURE_BUILTINS = new Set(['assert', 'buffer', 'util', 'url', 'path', 'zlib']);

/** What a kernel loader may use besides. */
const LOADER_BUILTINS = new Set(['fs', 'fs/promises', 'module']);

/** The folder of the table that a file belongs to; `path` is relative to the root, with forward slashes. */
export function folderOf(path: string): Folder | null {
  return FOLDERS.find((folder) => path.startsWith(`${folder}/`)) ?? null;
}

export function mayImport(from: Folder, to: Folder): boolean {
  return from === to || MAY_IMPORT[from].includes(to);
}

/** Whether `path` may use this module of Node, named with or without the `node:` in front. */
export function mayUseBuiltin(path: string, builtin: string): boolean {
  const folder = folderOf(path);
  if (folder === null || !NO_IO.includes(folder)) return true;
  const name = builtin.replace(/^node:/, '');
  return PURE_BUILTINS.has(name) || (isKernelLoader(path) && LOADER_BUILTINS.has(name));
}

/** For example `crypto/public/kernels/kernels.ts`. */
function isKernelLoader(path: string): boolean {
  return /(^|\/)kernels\/[^/]+\.ts$/.test(path);
}

/** Tests may import anything. */
export function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.startsWith('test/');
}
