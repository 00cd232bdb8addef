import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFile,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { BLOCKING_BYTES } from './blocking.ts';

/**
 * Files that must be whole after a crash. They stand here because keys, journals and signed state are kept by both
 * sides, and this is the one folder with file access that both may import; `crypto/secret` takes them as a parameter.
 *
 * Files of at most `BLOCKING_BYTES` are written, and synced, by blocking calls inside asynchronous functions: a round
 * writes a dozen of them at every member, and the way through Node's thread pool costs three times the processor time
 * (0.84 ms against 0.25 ms a durable write, Linux). Larger ones do not block. The sync of a folder always does.
 */

/** Ending of files that a crash may leave behind; whoever owns the folder may remove them. */
export const TEMPORARY_SUFFIX = '.tmp';

/** Makes a rename or a new file of this folder survive a power cut; blocks. Windows syncs names itself and has no such call. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Replaces the file whole or not at all, mode 600, on disk before it returns; nothing is left behind on an error. */
export async function writeDurably(path: string, bytes: Uint8Array | string): Promise<void> {
  if (bytes.length > BLOCKING_BYTES) return replaceLarge(path, bytes, true);
  replace(path, bytes, 'synced');
  await syncDirectory(dirname(path));
}

/**
 * Replaces the file whole or not at all for every process, also after this one was killed. A power cut may take the new
 * content, the old, or leave an empty file: only for what can be had again or is of no weight.
 */
export async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  if (bytes.length > BLOCKING_BYTES) return replaceLarge(path, bytes, false);
  replace(path, bytes, 'cached');
}

/**
 * Creates the file whole or not at all, mode 600, on disk before it returns. The name is taken by a hard link, not by a
 * rename, because a rename would silently replace what another process wrote in between. Blocks whatever the size: what is
 * created so (keys, journals, locks) is small.
 * @returns false where the file exists already; it is then left as it is
 */
export async function createDurably(path: string, bytes: Uint8Array | string): Promise<boolean> {
  const temporary = writeTemporary(path, bytes, 'synced');
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    unlinkSync(temporary);
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
  const file = openSync(temporary, 'wx', 0o600);
  let [over, written] = [false, 0];
  const discard = async () => {
    if (over) return;
    over = true;
    closeSync(file);
    unlinkSync(temporary);
  };
  return {
    discard,
    write: async (bytes) => {
      written += bytes.length;
      if (bytes.length > BLOCKING_BYTES) await writeFileLater(file, bytes);
      else writeFileSync(file, bytes);
    },
    seal: async (path, durably) => {
      try {
        if (durably) await syncFile(file, written);
        renameSync(temporary, path);
      } catch (error) {
        await discard();
        throw error;
      }
      over = true;
      closeSync(file);
      if (durably) await syncDirectory(folder);
    },
  };
}

const writeFileLater = promisify(writeFile);
const fsyncLater = promisify(fsync);

/**
 * Waits until an open file is on disk; blocks for at most `BLOCKING_BYTES`.
 * @param file its descriptor
 * @param written bytes that were written to it
 */
export async function syncFile(file: number, written: number): Promise<void> {
  if (written > BLOCKING_BYTES) await fsyncLater(file);
  else fsyncSync(file);
}

/** The file's text, or null where there is none; any other trouble is an error, never taken for absence. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return readFileSync(path, 'utf8');
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

async function replaceLarge(path: string, bytes: Uint8Array | string, durably: boolean): Promise<void> {
  const file = await createFile(dirname(path));
  try {
    await file.write(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    await file.seal(path, durably);
  } finally {
    await file.discard();
  }
}

function replace(path: string, bytes: Uint8Array | string, depth: Depth): void {
  const temporary = writeTemporary(path, bytes, depth);
  try {
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
}

function writeTemporary(path: string, bytes: Uint8Array | string, depth: Depth): string {
  const temporary = `${path}.${randomUUID()}${TEMPORARY_SUFFIX}`;
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeFileSync(file, bytes);
    if (depth === 'synced') fsyncSync(file);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  } finally {
    closeSync(file);
  }
  return temporary;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
