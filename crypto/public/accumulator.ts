import { addPackedChunk, packChunk } from './kernels/ring.ts';
import { N, PRIMES } from './params.ts';

/**
 * The running sum of one chunk over all uploads: 48 KB, whatever the number of members. The coordinator goes chunk by
 * chunk through all uploads and keeps one of these; auditors do the same with theirs.
 */
export class CiphertextAccumulator {
  /** Sums of the residues, prime by prime. */
  readonly #residues = new Uint32Array(PRIMES.length * N);

  /**
   * Adds one packed chunk (46,080 bytes). The sum is unchanged when it is refused.
   * @throws CryptoError ENCODING_INVALID for another length or a residue that is not below its prime
   */
  addChunk(packed: Uint8Array): void {
    addPackedChunk(this.#residues, packed);
  }

  /** The sum so far as a packed chunk: the encryption, under the sum of the keys, of the sum of the values. */
  packedSum(): Uint8Array {
    return packChunk(this.#residues);
  }
}
