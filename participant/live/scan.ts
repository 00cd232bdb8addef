import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file as one look at the folder shows it. */
export interface SeenFile {
  /** Path with forward slashes, below the folder. */
  readonly label: string;
  readonly path: string;
  /** Device and inode: the same file under any name, until it is deleted. */
  readonly node: string;
  readonly size: number;
  /** Last change of the content, milliseconds of Unix time. */
  readonly modified: number;
}

/** Most files that are followed at once. */
const MOST_FILES = 200_000;

/**
 * Every file below a folder, in a fixed order. Hidden files and links to folders are left out, as in reading a folder;
 * what disappears during the look is not there.
 */
export async function scanFolder(root: string): Promise<SeenFile[]> {
  const files: SeenFile[] = [];
  await scan(root, '', files);
  return files;
}

async function scan(folder: string, prefix: string, files: SeenFile[]): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (prefix !== '' && isGone(error)) return;
    throw error;
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || files.length >= MOST_FILES) continue;
    const path = join(folder, entry.name);
    const label = `${prefix}${entry.name}`;
    if (entry.isDirectory()) await scan(path, `${label}/`, files);
    else if (entry.isFile() || entry.isSymbolicLink()) await look(path, label, files);
  }
}

async function look(path: string, label: string, files: SeenFile[]): Promise<void> {
  try {
    const { dev, ino, size, mtimeNs, isFile } = await stat(path, { bigint: true }).then((stats) => ({
      ...stats,
      isFile: stats.isFile(),
    }));
    if (!isFile) return;
    files.push({
      label,
      path,
      node: `${dev}:${ino}`,
      size: Number(size),
      modified: Number(mtimeNs / 1000n) / 1000,
    });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Renamed or removed since the folder was listed. */
export function isGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ESTALE')
  );
}
