import { addPackedChunk, packChunk } from './kernels/ring.ts';
import { N, PRIMES } from './params.ts';

/**
 * The running sum of one chunk over all uploads: 48 KB, whatever the number of members. The coordinator goes chunk by
 * chunk through all uploads and keeps one of these; auditors do the same with theirs.
 */
export interface CiphertextAccumulator {
  /** Sums of the residues, prime by prime: 3 * 4096 elements below their prime. */
  readonly residues: Uint32Array;
}

/** An empty sum. */
export function createAccumulator(): CiphertextAccumulator {
  return { residues: new Uint32Array(PRIMES.length * N) };
}

/**
 * Adds one packed chunk (46,080 bytes). The sum is unchanged when it is refused.
 * @throws CryptoError ENCODING_INVALID for another length or a residue that is not below its prime
 */
export function addChunk(accumulator: CiphertextAccumulator, packed: Uint8Array): void {
  addPackedChunk(accumulator.residues, packed);
}

/** The sum so far as a packed chunk: the encryption, under the sum of the keys, of the sum of the values. */
export function packedSum(accumulator: CiphertextAccumulator): Uint8Array {
  return packChunk(accumulator.residues);
}
