import { bytesOf, firstBytes, headOf } from './file-head.ts';
import { type FileState, type FollowedFile, HEAD_BYTES } from './followed-file.ts';
import type { SeenFile } from './scan.ts';

/**
 * Whether a file, perhaps not whole yet, holds nothing that the other does not: they begin alike, as any two tables with
 * one header do, and a copy ends alike too. Of one that is being cut the next look tells.
 */
export async function isCopy(seen: SeenFile, first: Buffer, known: FileState): Promise<boolean> {
  const { file, path } = known;
  if (!(await beginsAs(first, known))) return false;
  if (file.kind === 'packed') return true;
  const from = Math.max(0, seen.size - HEAD_BYTES);
  const own = await bytesOf(seen.path, seen.node, from, seen.size - from);
  const its = await bytesOf(path, file.node, from, seen.size - from);
  return own === null || its === null || own.equals(its);
}

/** Whether the other file begins with all of these first bytes; they are known to begin with what was taken of it. */
export async function beginsAs(first: Buffer, { file, path }: FileState): Promise<boolean> {
  if (file.kind === 'packed') return first.length === file.head.bytes;
  const its = await firstBytes(path, file.node);
  if (its === null || headOf(its, file.head.bytes).digest !== file.head.digest) return true;
  return first.equals(its.subarray(0, first.length));
}

/** Whether a file has, where the other was left, what was taken there last; its first bytes alone may be another's. */
export async function goesOnFrom({ path, node }: SeenFile, { offset, tail }: FollowedFile): Promise<boolean> {
  if (tail.bytes === 0) return true;
  const bytes = await bytesOf(path, node, offset - tail.bytes, tail.bytes);
  return bytes !== null && headOf(bytes, tail.bytes).digest === tail.digest;
}
