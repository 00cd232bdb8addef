import { ERROR_BOUND, PLAIN_MODULUS } from './parameters.ts';
import type { BfvParameters } from './parameters.ts';

/**
 * Worst-case bounds of the noise w = c0 + c1*s - (q/t)*m of a ciphertext under the sum s of n ternary keys, infinity norm,
 * as exact integers, rounded up. t is the plain modulus (Fan-Vercauteren 2012; the invariant form, which a plaintext
 * product multiplies and nothing else). |s| <= n in each coefficient, so |s|_1 <= N*n.
 */

/** What rounding both halves of a ciphertext can add: |1/2 + s/2| <= (1 + N*n)/2. */
export function roundingNoise({ degree }: BfvParameters, members: number): bigint {
  return (BigInt(degree) * BigInt(members)) / 2n + 1n;
}

/**
 * Of SEAL's encryption under the joint key: (-(e*u) + e0 + e1*s) / special, with |e| <= 21n summed over the members' keys
 * and u ternary, then the rounding of that division and of the scaled message.
 */
export function freshNoise(set: BfvParameters, members: number): bigint {
  const n = BigInt(members);
  const bound = BigInt(ERROR_BOUND);
  const keyLevel = 2n * BigInt(set.degree) * bound * n + bound;
  return keyLevel / set.special + 1n + roundingNoise(set, members) + 1n;
}

/** Of a product with a plaintext of any slots: its coefficients are at most (t-1)/2, so a factor N*(t-1)/2. */
export function productNoise({ degree }: BfvParameters, noise: bigint): bigint {
  return BigInt(degree) * BigInt((PLAIN_MODULUS - 1) / 2) * noise;
}

/** Of dropping one prime (SEAL's modulus switching rounds to the nearest). */
export function switchedNoise(set: BfvParameters, members: number, noise: bigint, dropped: bigint): bigint {
  return noise / dropped + 1n + roundingNoise(set, members);
}

/** Number of binary digits. */
export function bitLength(value: bigint): number {
  return value.toString(2).length;
}
