import { type FileHandle, open } from 'node:fs/promises';
import type { ChunkRange } from '../../crypto/public/audit-order.ts';
import { type AuditPart, auditParts } from '../../crypto/public/audit-sum.ts';
import { nodeOffset, rangeProofPlaces } from '../../crypto/public/merkle-range.ts';
import { CHUNK_BYTES } from '../../crypto/public/params.ts';
import { type StoredBlob, readRange } from '../store/blob-reader.ts';

/** Chunks in one piece of the stream. */
const PIECE_CHUNKS = 8;

/** A stored upload and the file with the Merkle tree over its chunks. */
export interface AuditedBlob extends StoredBlob {
  readonly treePath: string;
}

/**
 * What an auditor gets of a range of chunks: of every upload its chunks and their proof, in the order of `auditParts`.
 * One file is open at a time; what has not been sent yet is one piece.
 * @throws CordonError BLOB_CORRUPT for a stored blob that has become shorter
 */
export async function* auditStream(
  range: ChunkRange,
  blobs: readonly AuditedBlob[],
  chunks: number,
): AsyncGenerator<Uint8Array> {
  for (const part of auditParts(range, blobs.length, chunks)) {
    const blob = blobs[part.contributor];
    if (blob === undefined) continue;
    for (let from = part.from; from < part.to; from += PIECE_CHUNKS) {
      const count = Math.min(PIECE_CHUNKS, part.to - from);
      yield await readRange(blob, from * CHUNK_BYTES, count * CHUNK_BYTES);
    }
    if (part.proof > 0) yield await proofOf(part, blob, chunks);
  }
}

async function proofOf(
  { from, to }: AuditPart,
  { treePath }: AuditedBlob,
  chunks: number,
): Promise<Uint8Array> {
  const places = rangeProofPlaces(chunks, from, to);
  const proof = new Uint8Array(32 * places.length);
  const tree = await open(treePath, 'r');
  try {
    for (const [i, place] of places.entries()) {
      await readNode(tree, proof.subarray(32 * i, 32 * i + 32), nodeOffset(chunks, place));
    }
  } finally {
    await tree.close();
  }
  return proof;
}

/** A tree that lost its end gives a proof of zeros, which no auditor takes. */
async function readNode(tree: FileHandle, into: Uint8Array, position: number): Promise<void> {
  await tree.read(into, 0, into.length, position);
}
