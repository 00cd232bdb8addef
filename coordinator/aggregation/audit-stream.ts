import { OpenFile } from '../../crypto/identity/open-file.ts';
import type { ChunkRange } from '../../crypto/public/audit-order.ts';
import { type AuditPart, auditParts } from '../../crypto/public/audit-sum.ts';
import { nodeOffset, rangeProofPlaces } from '../../crypto/public/merkle-range.ts';
import { CHUNK_BYTES } from '../../crypto/public/params.ts';
import type { StoredBlob } from '../store/blob-reader.ts';
import type { KeptRanges } from '../store/kept-ranges.ts';

/** Chunks in one piece of the stream. */
const PIECE_CHUNKS = 8;

/** A stored upload and the file with the Merkle tree over its chunks. */
export interface AuditedBlob extends StoredBlob {
  readonly treePath: string;
}

/**
 * What an auditor gets of a range of chunks: of every upload its chunks and their proof, in the order of `auditParts`.
 * One file is open at a time; what has not been sent yet is one piece, beside what `ranges` keeps.
 * @param ranges through which the chunks are read: several auditors ask for the same ones
 * @throws CordonError BLOB_CORRUPT for a stored blob that has become shorter
 */
export async function* auditStream(
  range: ChunkRange,
  blobs: readonly AuditedBlob[],
  chunks: number,
  ranges: KeptRanges,
): AsyncGenerator<Uint8Array> {
  for (const part of auditParts(range, blobs.length, chunks)) {
    const blob = blobs[part.contributor];
    if (blob === undefined) continue;
    for (let from = part.from; from < part.to; from += PIECE_CHUNKS) {
      const count = Math.min(PIECE_CHUNKS, part.to - from);
      yield await ranges.read(blob, { offset: from * CHUNK_BYTES, length: count * CHUNK_BYTES });
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
  const tree = OpenFile.open(treePath, 'r');
  try {
    // A tree that lost its end gives a proof of zeros, which no auditor takes.
    for (const [i, place] of places.entries()) {
      await tree.read(proof.subarray(32 * i, 32 * i + 32), nodeOffset(chunks, place));
    }
  } finally {
    await tree.close();
  }
  return proof;
}
