import { closeSync, createReadStream, openSync, readSync, readdirSync } from 'node:fs';
import { BLOCKING_BYTES } from './blocking.ts';

/**
 * Small reads for both sides, by blocking calls (why: `blocking.ts`): open, read and close would be three hand-overs to
 * another thread.
 */

/** `length` bytes of a file from `offset` on, fewer where it ends before. Blocks; not for more than `BLOCKING_BYTES`. */
export function readNow(path: string, offset: number, length: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    return readOpen(file, offset, length);
  } finally {
    closeSync(file);
  }
}

/** As `readNow`, of an open file. @param file its descriptor */
export function readOpen(file: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(file, bytes, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

/** The first `length` bytes of a file: at once where they are few, else piece by piece. */
export async function* filePieces(path: string, length: number): AsyncGenerator<Uint8Array> {
  if (length <= BLOCKING_BYTES) yield readNow(path, 0, length);
  else if (length > 0) yield* createReadStream(path, { end: length - 1 }) as AsyncIterable<Uint8Array>;
}

/** What stands in a folder; nothing where there is none or it cannot be read. Blocks; for folders of a few files. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
