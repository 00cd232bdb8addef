import { BINOMIAL_PAIRS } from '../../crypto/public/params.ts';

/*
 * What stays unknown to an attacker who is given, of two honest contributors, the sums of their bits, pair by pair, for
 * every coefficient: it has more than the published sum of keys and errors, which follows from them. A pair whose sum is 1
 * leaves a fair bit, so a coefficient is a public constant plus Bin(r, 1/2), where r is Bin(82, 1/2) and public.
 */

/** Bits of one coefficient: 41 pairs. */
const BITS = 2 * BINOMIAL_PAIRS;

/** Probability that r of a coefficient's 82 pair sums are 1, for r from 0. */
export function unknownBits(): number[] {
  const weights = [2 ** -BITS];
  for (let r = 0; r < BITS; r++) weights.push(((weights[r] ?? 0) * (BITS - r)) / (r + 1));
  return weights;
}

/**
 * Deviation of a secret's coefficient as it enters a lattice's volume: the geometric mean over r. (With no unknown bit the
 * coefficient is known; at 2^-82 that changes nothing, and it is left out.)
 */
export function secretDeviation(): number {
  const mean = unknownBits().reduce((sum, p, r) => (r === 0 ? sum : sum + p * Math.log(r / 4)), 0);
  return Math.exp(mean / 2);
}

/**
 * Deviation of the errors of the samples that an attacker would take: the narrowest of all.
 * @param taken samples that it takes
 * @param all coefficients of the round's ciphertexts
 */
export function narrowestDeviation(taken: number, all: number): number {
  let [left, variance] = [taken, 0];
  for (const [r, p] of unknownBits().entries()) {
    const here = Math.min(left, p * all);
    left -= here;
    variance += (here * r) / 4;
  }
  return Math.sqrt(variance / (taken - left));
}
