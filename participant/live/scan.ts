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
 * @param onTrouble told of what cannot be looked at, each time
 * @throws what the system says where the folder itself cannot be read
 */
export async function scanFolder(
  root: string,
  onTrouble: (label: string, reason: string) => void,
): Promise<SeenFile[]> {
  const files: SeenFile[] = [];
  await scan(root, '', { files, onTrouble });
  return files;
}

interface Look {
  readonly files: SeenFile[];
  readonly onTrouble: (label: string, reason: string) => void;
}

async function scan(folder: string, prefix: string, into: Look): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (prefix === '') throw error;
    passOver(error, prefix, into);
    return;
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || into.files.length >= MOST_FILES) continue;
    const path = join(folder, entry.name);
    const label = `${prefix}${entry.name}`;
    if (entry.isDirectory()) await scan(path, `${label}/`, into);
    else if (entry.isFile() || entry.isSymbolicLink()) await look(path, label, into);
  }
}

async function look(path: string, label: string, into: Look): Promise<void> {
  try {
    const { dev, ino, size, mtimeNs, isFile } = await stat(path, { bigint: true }).then((stats) => ({
      ...stats,
      isFile: stats.isFile(),
    }));
    if (!isFile) return;
    into.files.push({
      label,
      path,
      node: `${dev}:${ino}`,
      size: Number(size),
      modified: Number(mtimeNs / 1000n) / 1000,
    });
  } catch (error) {
    passOver(error, label, into);
  }
}

/** What is gone by now is not there; what cannot be looked at is told, and holds up nothing else. */
function passOver(error: unknown, label: string, { onTrouble }: Look): void {
  if (isGone(error)) return;
  const reason = systemReason(error);
  if (reason === null) throw error;
  onTrouble(label, reason);
}

/** Why the system did not do it, as its code; null where it is no error of the system. */
export function systemReason(error: unknown): string | null {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return null;
  return `${String(error.syscall)}: ${String(error.code)}`;
}

/** Renamed or removed since the folder was listed. */
export function isGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ESTALE')
  );
}
