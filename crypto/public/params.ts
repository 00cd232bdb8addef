import { CryptoError } from './errors.ts';

/** Ring Z_q[X]/(X^N + 1). 90-bit q at N = 4096 stays under the 109 bits that homomorphicencryption.org (2018, table 1) allows for 128-bit security with ternary secrets; ours are wider. */
export const N = 4096;
/** NTT-friendly primes (each = 1 mod 2N), about 2^30; q is their product. */
export const PRIMES = [1073651713, 1073668097, 1073692673] as const;
/** Field of the Shamir shares: every coefficient of the key sum of 1,024 members fits it, centred. */
export const SHARE_PRIME = 131071;
export const SHARE_BITS = 17;
/** Uniform elements that a contributor shares along with its key; each hides one combination of the low-degree test. */
export const MASKS = 8;
/** A share of a key and of the masks: 17 bits an element. */
export const SHARE_ELEMENTS = N + MASKS;
export const SHARE_BYTES = (SHARE_ELEMENTS * SHARE_BITS) / 8;
/** A committee member's answer: the sum of its shares of the keys, without the masks. */
export const ANSWER_BYTES = (N * SHARE_BITS) / 8;
/** One ciphertext polynomial on the wire: 3 residues a coefficient, 30 bits each. */
export const RESIDUE_BITS = 30;
export const CHUNK_BYTES = (PRIMES.length * N * RESIDUE_BITS) / 8;
/** Centred binomial with 41 pairs: variance 41/2, standard deviation 4.53, greatest magnitude 41. */
export const BINOMIAL_PAIRS = 41;
export const MAX_MEMBERS = 1024;

/** How the message space T = 2^78 of a coefficient is divided; 4x19 leaves two bits of it unused. */
export const LAYOUTS = {
  '3x26': { slots: 3, bits: 26 },
  '4x19': { slots: 4, bits: 19 },
  '6x13': { slots: 6, bits: 13 },
} as const;
export type LayoutName = keyof typeof LAYOUTS;

/** Values that one chunk carries. */
export function valuesPerChunk(layout: LayoutName): number {
  return LAYOUTS[layout].slots * N;
}

/** Chunks that a vector of `length` values takes (the last one is padded with zeros). */
export function chunksFor(length: number, layout: LayoutName): number {
  return Math.ceil(length / valuesPerChunk(layout));
}

/**
 * Greatest |E| accepted when the sum of `members` ciphertexts is opened: 12 standard deviations, or all that the
 * distribution can give where that is less. An honest coefficient is beyond it with a probability below 2^-102 (Hoeffding
 * 1963; exact values: experiments/security), and q leaves room for 2,046, which the greatest bound, 1,739, stays below.
 * @throws CryptoError VALUE_OUT_OF_RANGE for fewer than 1 or more than MAX_MEMBERS members
 */
export function noiseBound(members: number): number {
  if (!Number.isInteger(members) || members < 1 || members > MAX_MEMBERS) {
    throw new CryptoError('VALUE_OUT_OF_RANGE', {
      expected: `1 to ${MAX_MEMBERS} members`,
      got: String(members),
      next: 'split the federation into groups of at most 1,024',
    });
  }
  const deviation = Math.sqrt((BINOMIAL_PAIRS / 2) * members);
  return Math.min(BINOMIAL_PAIRS * members, Math.ceil(12 * deviation));
}

/** Whether the sum of `members` values of `valueBits` bits each always fits one slot of the layout. */
export function fits(layout: LayoutName, valueBits: number, members: number): boolean {
  return members * (2 ** valueBits - 1) < 2 ** LAYOUTS[layout].bits;
}
