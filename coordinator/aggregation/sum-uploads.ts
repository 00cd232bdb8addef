import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type CiphertextAccumulator,
  addChunk,
  createAccumulator,
  packedSum,
} from '../../crypto/public/accumulator.ts';
import { N, PRIMES } from '../../crypto/public/params.ts';
import { HashingReader, type StoredBlob, blobBuffer } from '../store/blob-reader.ts';

/** Sums of a stripe of chunks are held at once, whatever the number of members. */
export const STRIPE_BYTES = 64 * 1024 * 1024;
const ACCUMULATOR_BYTES = PRIMES.length * N * 4;

/**
 * Sums the ciphertexts of all uploads and hands each packed sum on, in order. The vector is summed stripe by stripe, and
 * within a stripe upload after upload, so that one file at a time is open and read from its place on. Memory: the
 * accumulators of one stripe, one block of one upload, and a hash state an upload. Every blob is hashed as it is read.
 * @param onChunk called once a chunk; the event loop runs between two
 * @param stripeBytes most that the accumulators take; at least one chunk is summed at a time
 * @throws CordonError BLOB_CORRUPT naming the member whose stored blob no longer has its digest; what `onChunk` throws
 */
export async function sumUploads(
  sources: readonly StoredBlob[],
  chunks: number,
  onChunk: (index: number, packed: Uint8Array) => Promise<void>,
  stripeBytes: number = STRIPE_BYTES,
): Promise<void> {
  const buffer = blobBuffer(chunks);
  const readers = sources.map((source) => new HashingReader(source, buffer));
  const stripe = Math.min(chunks, Math.max(1, Math.floor(stripeBytes / ACCUMULATOR_BYTES)));
  const sums = Array.from({ length: stripe }, createAccumulator);
  try {
    for (let from = 0; from < chunks; from += stripe) {
      const count = Math.min(stripe, chunks - from);
      await sumStripe(readers, sums.slice(0, count));
      for (const [index, sum] of sums.slice(0, count).entries()) {
        // What `onChunk` waits for may be nothing, where its writes block; a sum of one chunk holds up nobody.
        if (from + index > 0) await nextTurn();
        await onChunk(from + index, packedSum(sum));
        sum.residues.fill(0);
      }
    }
  } catch (error) {
    // A chunk that does not open may be one that rotted on disk: that explains more.
    for (const reader of readers) await reader.finish();
    throw error;
  }
  for (const reader of readers) await reader.finish();
}

async function sumStripe(
  readers: readonly HashingReader[],
  sums: readonly CiphertextAccumulator[],
): Promise<void> {
  for (const reader of readers) {
    await reader.chunks(sums.length, (chunk, index) => {
      const sum = sums[index];
      if (sum) addChunk(sum, chunk);
    });
  }
}
