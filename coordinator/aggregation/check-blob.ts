import { addChunk, createAccumulator } from '../../crypto/public/accumulator.ts';
import { toHex } from '../../crypto/public/encoding.ts';
import { MerkleBuilder } from '../../crypto/public/merkle.ts';
import { CHUNK_BYTES } from '../../crypto/public/params.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { BlobReader, type StoredBlob } from '../store/blob-reader.ts';

/**
 * Reads a whole blob once more before its member gets a receipt: every residue is below its prime, the chunks have the
 * Merkle root and every sealed share has the hash that the manifest says. Found only when the sum is opened, any of these
 * would end the round for everybody and name nobody. Memory: one chunk.
 * @throws CordonError MANIFEST_INVALID naming the member and what is wrong; BLOB_CORRUPT for a file that is too short
 */
export async function checkBlob(primitives: PublicPrimitives, blob: StoredBlob): Promise<void> {
  const { member, chunks, chunkRoot, shares } = blob.manifest;
  const refuse = (expected: string, got: string): never => {
    throw new CordonError('MANIFEST_INVALID', {
      expected: `${expected} in the update of ${member}`,
      got,
      next: `${member} must make its update anew; the same bytes are never accepted`,
    });
  };
  const reader = await BlobReader.open(blob);
  try {
    const tree = new MerkleBuilder(primitives);
    const sum = createAccumulator();
    for (let index = 0; index < chunks; index++) {
      const chunk = await reader.next(CHUNK_BYTES);
      try {
        addChunk(sum, chunk);
      } catch (error) {
        refuse(`residues below their prime in chunk ${index + 1} of ${chunks}`, toCordonError(error).got);
      }
      tree.append(chunk);
    }
    const root = toHex(tree.root());
    if (root !== chunkRoot) refuse(`chunks with the Merkle root ${chunkRoot}`, root);
    for (const { committeeIndex, hash, bytes } of shares) {
      const digest = toHex(primitives.sha256(await reader.next(bytes)));
      if (digest !== hash)
        refuse(`a sealed share for committee member ${committeeIndex} with SHA-256 ${hash}`, digest);
    }
  } finally {
    await reader.close();
  }
}
