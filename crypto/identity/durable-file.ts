import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Files that must be whole after a crash. They stand here because keys and signed state are kept by both sides, and
 * this is the one folder with file access that both may import.
 */

/** Makes a rename or a new file of this folder survive a power cut. Windows syncs names itself and has no such call. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes the whole file or nothing: temporary file, fsync, rename, fsync of the folder. */
export async function writeDurably(path: string, bytes: Uint8Array | string, mode = 0o600): Promise<void> {
  const temporary = `${path}.tmp`;
  const handle = await open(temporary, 'w', mode);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}
