import { addChunk, createAccumulator } from '../../crypto/public/accumulator.ts';
import { toHex } from '../../crypto/public/encoding.ts';
import { treeLevels } from '../../crypto/public/merkle-range.ts';
import { leafHash } from '../../crypto/public/merkle.ts';
import { CHUNK_BYTES } from '../../crypto/public/params.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { BlobReader, type StoredBlob, readRange } from '../store/blob-reader.ts';

/** Chunks are added to it only to see whether they can be: nobody reads the sum. */
const anySum = createAccumulator();

/**
 * Reads a whole blob once more before its member gets a receipt: every residue is below its prime, the chunks have the
 * Merkle root and every sealed share has the hash that the manifest says. Found only when the sum is opened, any of these
 * would end the round for everybody and name nobody. Memory: one block, and 96 bytes a chunk.
 * @returns the Merkle tree over the chunks (`treeLevels`), from which auditors get their proofs
 * @throws CordonError MANIFEST_INVALID naming the member and what is wrong; BLOB_CORRUPT for a file that is too short
 */
export async function checkBlob(primitives: PublicPrimitives, blob: StoredBlob): Promise<Uint8Array> {
  const { member, chunks, chunkRoot, blobBytes, shares } = blob.manifest;
  const refuse = (expected: string, got: string): never => {
    throw new CordonError('MANIFEST_INVALID', {
      expected: `${expected} in the update of ${member}`,
      got,
      next: `${member} must make its update anew; the same bytes are never accepted`,
    });
  };
  const leaves = new Uint8Array(32 * chunks);
  await new BlobReader(blob).chunks(chunks, (chunk, index) => {
    try {
      addChunk(anySum, chunk);
    } catch (error) {
      refuse(`residues below their prime in chunk ${index + 1} of ${chunks}`, toCordonError(error).got);
    }
    leaves.set(leafHash(primitives, chunk), 32 * index);
  });
  const tree = treeLevels(primitives, leaves);
  const root = toHex(tree.subarray(-32));
  if (root !== chunkRoot) refuse(`chunks with the Merkle root ${chunkRoot}`, root);
  // The sealed shares: at most 15, under 200 KB in all.
  const sealed = await readRange(blob, chunks * CHUNK_BYTES, blobBytes - chunks * CHUNK_BYTES);
  let at = 0;
  for (const { committeeIndex, hash, bytes } of shares) {
    const digest = toHex(primitives.sha256(sealed.subarray(at, at + bytes)));
    if (digest !== hash)
      refuse(`a sealed share for committee member ${committeeIndex} with SHA-256 ${hash}`, digest);
    at += bytes;
  }
  return tree;
}
