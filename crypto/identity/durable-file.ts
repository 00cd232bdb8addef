import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Files that must be whole after a crash. They stand here because keys, journals and signed state are kept by both
 * sides, and this is the one folder with file access that both may import; `crypto/secret` takes them as a parameter.
 */

/** Ending of files that a crash may leave behind; whoever owns the folder may remove them. */
export const TEMPORARY_SUFFIX = '.tmp';

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

/** Replaces the file whole or not at all, mode 600, on disk before it returns; nothing is left behind on an error. */
export async function writeDurably(path: string, bytes: Uint8Array | string): Promise<void> {
  await replace(path, bytes, 'synced');
  await syncDirectory(dirname(path));
}

/**
 * Replaces the file whole or not at all for every process, also after this one was killed. A power cut may take the new
 * content, the old, or leave an empty file: only for what can be had again or is of no weight.
 */
export async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  await replace(path, bytes, 'cached');
}

/**
 * Creates the file whole or not at all, mode 600, on disk before it returns. The name is taken by a hard link, not by a
 * rename, because a rename would silently replace what another process wrote in between.
 * @returns false where the file exists already; it is then left as it is
 */
export async function createDurably(path: string, bytes: Uint8Array | string): Promise<boolean> {
  const temporary = await writeTemporary(path, bytes, 'synced');
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await unlink(temporary);
    await syncDirectory(dirname(path));
  }
}

/** A file that is written piece by piece and counts only once it is sealed. */
export interface FileWriter {
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Gives the file its name, in the place of one that had it. Whole or not at all, mode 600.
   * @param durably on disk before this returns; without, a power cut may take the file, but never leave half of one
   */
  seal(path: string, durably: boolean): Promise<void>;
  /** Removes what was written; does nothing after `seal`. */
  discard(): Promise<void>;
}

/** @param folder the one that the file will stand in */
export async function createFile(folder: string): Promise<FileWriter> {
  const temporary = join(folder, `${randomUUID()}${TEMPORARY_SUFFIX}`);
  const handle = await open(temporary, 'wx', 0o600);
  let over = false;
  const discard = async () => {
    if (over) return;
    over = true;
    await handle.close();
    await unlink(temporary);
  };
  return {
    discard,
    write: (bytes) => handle.appendFile(bytes),
    seal: async (path, durably) => {
      try {
        if (durably) await handle.sync();
        await rename(temporary, path);
      } catch (error) {
        await discard();
        throw error;
      }
      over = true;
      await handle.close();
      if (durably) await syncDirectory(folder);
    },
  };
}

/** The file's text, or null where there is none; any other trouble is an error, never taken for absence. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** All of the above, for code that may not import it. */
export const durableFiles = {
  create: createDurably,
  replace: writeDurably,
  readIfThere,
  syncDirectory,
  temporarySuffix: TEMPORARY_SUFFIX,
} as const;

/** To the disk itself, or as far as the system's own memory. */
type Depth = 'synced' | 'cached';

async function replace(path: string, bytes: Uint8Array | string, depth: Depth): Promise<void> {
  const temporary = await writeTemporary(path, bytes, depth);
  try {
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary);
    throw error;
  }
}

async function writeTemporary(path: string, bytes: Uint8Array | string, depth: Depth): Promise<string> {
  const temporary = `${path}.${randomUUID()}${TEMPORARY_SUFFIX}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    if (depth === 'synced') await handle.sync();
  } catch (error) {
    await unlink(temporary);
    throw error;
  } finally {
    await handle.close();
  }
  return temporary;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
