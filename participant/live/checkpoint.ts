import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createFile, TEMPORARY_SUFFIX } from '../../crypto/identity/durable-file.ts';
import { CordonError } from '../../protocol/errors.ts';
import { isGone } from './scan.ts';

/** One moment of a live site: where everything stands, in parts that carry digests of their own. */
export interface Checkpoint {
  /** Positions in files, lanes, names, identities: JSON. */
  readonly stream: Uint8Array;
  readonly twin: Uint8Array;
  readonly samples: Uint8Array;
  readonly history: Uint8Array;
}

/** Name of the folder of what is followed in a participant's state folder, and of the checkpoint in it. */
export const LIVE_FOLDER = 'live';
export const CHECKPOINT_FILE = 'checkpoint';

const HEAD = 'cordon live checkpoint 1\n';
const PARTS = ['stream', 'twin', 'samples', 'history'] as const;
const HEADER_BYTES = HEAD.length + PARTS.length * 8;

/** Replaces the checkpoint whole or not at all; it is on disk before this returns. */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const file = await createFile(dirname(path));
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    header.write(HEAD);
    PARTS.forEach((part, i) => header.writeBigUInt64LE(BigInt(checkpoint[part].length), HEAD.length + 8 * i));
    await file.write(header);
    for (const part of PARTS) await file.write(checkpoint[part]);
    await file.seal(path, true);
  } finally {
    await file.discard();
  }
}

/** The last checkpoint, or null where there is none. @throws CordonError ENCODING_INVALID where it is not whole */
export async function readCheckpoint(path: string): Promise<Checkpoint | null> {
  await removeLeftovers(dirname(path));
  const parts = await readParts(path, PARTS);
  if (parts === null) return null;
  const [stream = NONE, twin = NONE, samples = NONE, history = NONE] = parts;
  return { stream, twin, samples, history };
}

/**
 * The twin's bytes of the checkpoint in a live folder, also while a participant writes the next one; null where there is
 * no checkpoint.
 * @throws CordonError ENCODING_INVALID where it is not whole
 */
export async function checkpointTwin(folder: string): Promise<Uint8Array | null> {
  return (await readParts(join(folder, CHECKPOINT_FILE), ['twin']))?.[0] ?? null;
}

async function readParts(path: string, wanted: readonly string[]): Promise<Uint8Array[] | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    await file.read(header, 0, HEADER_BYTES, 0);
    if (header.toString('latin1', 0, HEAD.length) !== HEAD) throw invalid(path, 'another beginning');
    const lengths = PARTS.map((_, i) => Number(header.readBigUInt64LE(HEAD.length + 8 * i)));
    const { size } = await file.stat();
    const told = lengths.reduce((sum, length) => sum + length, HEADER_BYTES);
    if (told !== size) throw invalid(path, `${size} bytes in place of ${told}`);
    const parts: Uint8Array[] = [];
    let at = HEADER_BYTES;
    for (const [i, length] of lengths.entries()) {
      if (wanted.includes(PARTS[i] ?? '')) parts.push(await readWhole(file, at, length));
      at += length;
    }
    return parts;
  } finally {
    await file.close();
  }
}

const NONE = new Uint8Array();
const MOST_AT_ONCE = 2 ** 30;

async function readWhole(file: FileHandle, from: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(bytes, at, Math.min(MOST_AT_ONCE, length - at), from + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes;
}

/** What a crash in the middle of writing has left. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    if (/^[0-9a-f-]{36}/.test(name) && name.endsWith(TEMPORARY_SUFFIX))
      await rm(join(folder, name), { force: true });
}

function invalid(path: string, got: string): CordonError {
  return new CordonError('ENCODING_INVALID', {
    expected: `a whole checkpoint in ${path}`,
    got,
    next: 'remove the file: everything is then read again from the logs that are still there',
  });
}
