import { addChunk, createAccumulator, packedSum } from '../../crypto/public/accumulator.ts';
import { CHUNK_BYTES } from '../../crypto/public/params.ts';
import { BlobReader, type StoredBlob } from '../store/blob-reader.ts';

/**
 * Sums the ciphertexts of all uploads chunk by chunk and hands each packed sum on. Memory: one accumulator and one
 * chunk, whatever the number of members. Every blob is hashed again as it is read.
 * @throws CordonError BLOB_CORRUPT naming the member whose stored blob no longer has its digest
 */
export async function sumUploads(
  sources: readonly StoredBlob[],
  chunks: number,
  onChunk: (index: number, packed: Uint8Array) => Promise<void>,
): Promise<void> {
  const readers: BlobReader[] = [];
  try {
    for (const source of sources) readers.push(await BlobReader.open(source));
    for (let chunk = 0; chunk < chunks; chunk++) {
      const accumulator = createAccumulator();
      for (const reader of readers) addChunk(accumulator, await reader.next(CHUNK_BYTES));
      await onChunk(chunk, packedSum(accumulator));
    }
    for (const reader of readers) await reader.finish();
  } catch (error) {
    // A chunk that does not open may be one that rotted on disk: that explains more.
    for (const reader of readers) await reader.finish();
    throw error;
  } finally {
    for (const reader of readers) await reader.close();
  }
}
