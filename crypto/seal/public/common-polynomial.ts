import { utf8 } from '../../public/canonical.ts';
import { CryptoError } from '../../public/errors.ts';
import type { PublicPrimitives } from '../../public/primitives.ts';
import type { Residues } from './residues.ts';

const DOMAIN = utf8('cordon/v1/joint-key-a\u0000');
/** Words more than N: rejection leaves fewer than N of them so rarely that the stream is then lengthened. */
const SPARE = 64;

/**
 * The common polynomial a, NTT form, uniform modulo each prime: AES-256-CTR under
 * sha256('cordon/v1/joint-key-a' || 0x00 || transcriptHash), one stream a prime (first byte of the block: its place), 64-bit
 * little-endian words cut to the bits of the prime, those not below it left out.
 *
 * It comes from the transcript and never from a message: whoever could choose a could choose one that shows every key
 * (the common reference string of Mouchet et al. 2021).
 * @param transcriptHash 32 bytes
 * @returns N residues for each prime
 */
export function commonPolynomial(
  primitives: PublicPrimitives,
  transcriptHash: Uint8Array,
  degree: number,
  primes: readonly bigint[],
): Residues {
  if (transcriptHash.length !== 32) {
    throw new CryptoError('SHAPE_MISMATCH', {
      expected: 'a transcript hash of 32 bytes',
      got: `${transcriptHash.length}`,
      next: 'give the bytes of the hash',
    });
  }
  const key = primitives.sha256(DOMAIN, transcriptHash);
  const common = new BigUint64Array(degree * primes.length);
  primes.forEach((prime, place) => {
    const out = common.subarray(place * degree, (place + 1) * degree);
    const block = new Uint8Array(16);
    block[0] = place;
    let words = degree + SPARE;
    while (uniform(primitives.aes256ctr(key, block, words * 8), prime, out) < degree) words *= 2;
  });
  return common;
}

/** Fills `out` with the words of the stream below the prime; gives how many there were, at most out.length. */
function uniform(stream: Uint8Array, prime: bigint, out: Residues): number {
  const words = new BigUint64Array(Uint8Array.from(stream).buffer);
  const cut = 2n ** BigInt(prime.toString(2).length) - 1n;
  let filled = 0;
  for (const word of words) {
    const value = word & cut;
    if (value < prime && filled < out.length) out[filled++] = value;
  }
  return filled;
}
