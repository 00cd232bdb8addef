import { CryptoError } from './errors.ts';
import { publicPolynomials } from './expand.ts';
import { openPacked, requireLength, transformKey } from './kernels/ring.ts';
import { BINOMIAL_PAIRS, N, PRIMES, chunksFor, noiseBound, valuesPerChunk } from './params.ts';
import type { LayoutName } from './params.ts';
import type { PublicPrimitives } from './primitives.ts';

/** What the opening of a sum needs beside the ciphertext; all of it is public once the round is published. */
export interface SumToOpen {
  /** 32 bytes. */
  readonly transcriptHash: Uint8Array;
  /** K: 4,096 centred coefficients, |K| <= 41 * members. */
  readonly keySum: Int32Array;
  /** Members whose ciphertexts are in the sum. */
  readonly members: number;
  readonly layout: LayoutName;
  /** Values in the vector. */
  readonly length: number;
}

/** Opens one chunk after the other, in any order. */
export interface SumOpener {
  /**
   * The sums of this chunk's values: slots * 4096 of them, fewer in the last chunk.
   * @param packedSum 46,080 bytes
   * @throws CryptoError NOISE_CHECK_FAILED when a coefficient's noise is beyond `noiseBound(members)`, an unused message
   *   bit is set or the padding of the last chunk is not zero; ENCODING_INVALID for a malformed chunk;
   *   VALUE_OUT_OF_RANGE for a chunk that the vector does not have
   */
  openChunk(chunkIndex: number, packedSum: Uint8Array): Uint32Array;
  /** Greatest |E| seen so far. */
  greatestNoise(): number;
}

/**
 * Opens the sum of ciphertexts with the sum of their keys: v = C - a*K mod q, centred; M = v mod T; E = (v - M) / T.
 *
 * The noise check catches accidents (a wrong share, a lost upload, damaged bytes), not tampering: an altered coefficient
 * passes with probability (2 * bound + 1) / 4095, and a ciphertext of chosen content passes always.
 * @throws CryptoError SHAPE_MISMATCH for a key sum or transcript hash of another length, NOISE_CHECK_FAILED for a
 *   coefficient of K beyond 41 * members, VALUE_OUT_OF_RANGE for a number of members or a length that cannot be
 */
export function openSum(primitives: PublicPrimitives, sum: SumToOpen): SumOpener {
  const { keySum, members, layout, length } = sum;
  const bound = noiseBound(members);
  requireLength('a key sum', keySum.length, N);
  if (keySum.some((k) => Math.abs(k) > BINOMIAL_PAIRS * members)) {
    throw new CryptoError('NOISE_CHECK_FAILED', {
      expected: `coefficients of the key sum within ${BINOMIAL_PAIRS * members}`,
      got: 'a greater one',
      next: 'interpolate the key sum with interpolateKeySum',
    });
  }
  if (!Number.isSafeInteger(length) || length < 1) {
    throw new CryptoError('VALUE_OUT_OF_RANGE', {
      expected: 'a vector of at least one value',
      got: String(length),
      next: 'take the length from the transcript',
    });
  }
  const polynomials = publicPolynomials(primitives, sum.transcriptHash);
  const keyHat = transformKey(keySum);
  const publicHat = new Uint32Array(PRIMES.length * N);
  const perChunk = valuesPerChunk(layout);
  const chunks = chunksFor(length, layout);
  let greatest = 0;
  return {
    greatestNoise: () => greatest,
    openChunk(chunkIndex, packedSum) {
      if (!Number.isInteger(chunkIndex) || chunkIndex < 0 || chunkIndex >= chunks) {
        throw new CryptoError('VALUE_OUT_OF_RANGE', {
          expected: `a chunk from 0 to ${chunks - 1}`,
          got: String(chunkIndex),
          next: 'open the chunks of this vector only',
        });
      }
      polynomials.write(chunkIndex, 0, publicHat);
      const opened = openPacked(keyHat, publicHat, packedSum, layout, bound);
      if (opened.beyond > 0) {
        throw noiseCheckFailed(
          chunkIndex,
          `|E| at most ${bound} for ${members} members`,
          `${opened.beyond} coefficients beyond it`,
        );
      }
      const used = Math.min(perChunk, length - chunkIndex * perChunk);
      const padding = opened.values.subarray(used).reduce((count, v) => count + (v === 0 ? 0 : 1), 0);
      if (padding > 0) {
        throw noiseCheckFailed(chunkIndex, 'zero in the padding', `${padding} coefficients that are not`);
      }
      greatest = Math.max(greatest, opened.greatestNoise);
      return used === perChunk ? opened.values : opened.values.slice(0, used);
    },
  };
}

function noiseCheckFailed(chunk: number, expected: string, got: string): CryptoError {
  return new CryptoError('NOISE_CHECK_FAILED', {
    expected: `${expected} in chunk ${chunk}`,
    got,
    next: 'the key sum and the ciphertexts do not belong together: discard this opening and audit the round',
  });
}
