import { closeSync, openSync, statSync, truncateSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { syncDirectory, syncFile } from '../../crypto/identity/durable-file.ts';
import { type ProcessLock, lockFolder } from '../../crypto/identity/process-lock.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';

/** How often, and after how many milliseconds each, somebody tries who finds another one writing. */
const TRIES = 100;
const TRY_MS = 50;

/** A file of lines that people's commands append to, beside a participant that may be running. */
export interface PeoplesFile {
  readonly path: string;
  /** Name of the lock beside it, which whoever writes holds for a moment. */
  readonly lock: string;
  readonly mostBytes: number;
}

/** What a change appends, and what its caller learns. */
export interface Appended<T> {
  /** Bytes of the file that count: what stands behind them goes first. */
  readonly kept: number;
  readonly text: string;
  readonly result: T;
}

/** The file's bytes; none where it is not there. @throws CordonError ENCODING_INVALID where it is too large */
export async function readPeoplesFile({ path, mostBytes }: Omit<PeoplesFile, 'lock'>): Promise<Buffer> {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? null;
  if (size === null) return Buffer.alloc(0);
  if (size > mostBytes) {
    throw new CordonError('ENCODING_INVALID', {
      expected: `a file of at most ${mostBytes} bytes at ${path}`,
      got: `${size} bytes`,
      next: 'restore the file from a backup',
    });
  }
  return readFile(path).catch((error: unknown) => {
    throw toCordonError(error);
  });
}

/**
 * Reads the file and appends to it while nobody else does; on disk before it returns, all of it or nothing.
 * @throws CordonError of `decide`, or of the file system; CryptoError STATE_IN_USE where another process does not stop writing
 */
export async function changeFile<T>(file: PeoplesFile, decide: (bytes: Buffer) => Appended<T>): Promise<T> {
  const lock = await lockPatiently(file);
  try {
    const { kept, text, result } = decide(await readPeoplesFile(file));
    if (text !== '') await append(file.path, kept, Buffer.from(text));
    return result;
  } finally {
    await lock.release();
  }
}

async function append(path: string, kept: number, bytes: Buffer): Promise<void> {
  const isNew = statSync(path, { throwIfNoEntry: false }) === undefined;
  const file = openSync(path, 'a', 0o600);
  try {
    if (!isNew) truncateSync(path, kept);
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    await syncFile(file, bytes.length);
  } catch (error) {
    // Nothing of it counts: half of a list would look like the whole of it.
    truncateSync(path, kept);
    throw toCordonError(error);
  } finally {
    closeSync(file);
  }
  if (isNew) await syncDirectory(dirname(path));
}

/** Others write for a moment only. */
async function lockPatiently({ path, lock }: PeoplesFile): Promise<ProcessLock> {
  for (let tries = 1; ; tries++) {
    try {
      return await lockFolder(dirname(path), lock);
    } catch (error) {
      const refusal = toCordonError(error);
      if (refusal.code !== 'STATE_IN_USE' || tries >= TRIES) throw refusal;
      await sleep(TRY_MS);
    }
  }
}
