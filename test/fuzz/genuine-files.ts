import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file to be damaged; of a large one the beginning. */
export interface GenuineFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The beginnings of all files below some folders, in a fixed order. */
export function genuineFiles(folders: readonly string[], mostBytes: number): GenuineFile[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .filter((path) => statSync(path).size > 0)
      .map((path) => ({ name: path.slice(folder.length + 1), bytes: beginning(path, mostBytes) })),
  );
}

function beginning(path: string, mostBytes: number): Buffer {
  const bytes = Buffer.alloc(Math.min(mostBytes, statSync(path).size));
  const file = openSync(path, 'r');
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}
