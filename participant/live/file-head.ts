import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Part } from '../../datasets/input/parts.ts';
import { type FollowedFile, HEAD_BYTES } from './followed-file.ts';
import { isGone } from './scan.ts';

/** The first bytes of a file with this inode; null where it is gone by now. */
export async function firstBytes(path: string, node: string): Promise<Buffer | null> {
  return bytesOf(path, node, 0, HEAD_BYTES);
}

/** Up to `length` bytes of a file with this inode from `from` on; null where it is gone by now. */
export async function bytesOf(
  path: string,
  node: string,
  from: number,
  length: number,
): Promise<Buffer | null> {
  const file = await openNode(path, node);
  if (file === null) return null;
  try {
    return await readAt(file, from, length);
  } finally {
    await file.close();
  }
}

/** Opens a file that is still the one with this inode. */
export async function openNode(path: string, node: string): Promise<FileHandle | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
  const { dev, ino } = await file.stat({ bigint: true });
  if (`${dev}:${ino}` === node) return file;
  await file.close();
  return null;
}

/** Up to `length` bytes from `from` on. */
export async function readAt(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** The first bytes of a part, unpacked. */
export async function firstUnpacked(part: Part): Promise<Buffer> {
  const taken: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of part.chunks()) {
    taken.push(Buffer.from(chunk.subarray(0, HEAD_BYTES)));
    bytes += chunk.length;
    if (bytes >= HEAD_BYTES) break;
  }
  return Buffer.concat(taken).subarray(0, HEAD_BYTES);
}

/** zst, zip (full or empty), and what is no text: EVTX (`ElfF`) and Parquet (`PAR1`). */
const PACKED = new Set(['28b52ffd', '504b0304', '504b0506', '456c6646', '50415231']);

/** Whether a file that begins like this is read as a whole and not by lines. */
export function isPacked(head: Buffer): boolean {
  const magic = head.toString('hex', 0, 4);
  return magic.startsWith('1f8b') || PACKED.has(magic);
}

/** Digest by which a beginning of `bytes` bytes is known again. */
export function headOf(first: Buffer, bytes: number): FollowedFile['head'] {
  const head = first.subarray(0, Math.min(bytes, HEAD_BYTES));
  return { bytes: head.length, digest: createHash('sha256').update(head).digest('base64url') };
}
