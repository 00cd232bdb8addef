import { BINOMIAL_PAIRS, MAX_MEMBERS, N, PRIMES, chunksFor, noiseBound } from '../../crypto/public/params.ts';
import type { LayoutName } from '../../crypto/public/params.ts';

/** log2 of the message space of a coefficient. */
const MESSAGE_BITS = 78n;

/**
 * Greatest |E| for which T*E + M, whatever M below T, is its own centred residue mod q: beyond it the opening would
 * wrap around.
 */
export const NOISE_ROOM: number = (() => {
  const q = PRIMES.reduce((product, p) => product * BigInt(p), 1n);
  const t = 1n << MESSAGE_BITS;
  return Number((q / 2n - (t - 1n)) / t);
})();

/** ln k! for k up to the pairs of 1,024 members, summed with the rounding errors carried along (Neumaier 1974). */
const LOG_FACTORIAL: Float64Array = (() => {
  const table = new Float64Array(2 * BINOMIAL_PAIRS * MAX_MEMBERS + 1);
  let sum = 0;
  let lost = 0;
  for (let k = 2; k < table.length; k++) {
    const term = Math.log(k);
    const next = sum + term;
    lost += sum - next + term;
    sum = next;
    table[k] = sum + lost;
  }
  return table;
})();

/**
 * log2 of the probability that one coefficient of the sum of `members` errors (or keys) is beyond `bound` in magnitude.
 * The sum of members * 41 pairs of bits is binomial over twice as many, less its mean, so the tail is a sum of binomial
 * coefficients, taken here term by term; -Infinity where there are none.
 * @param members 1 to 1,024
 */
export function log2Tail(members: number, bound: number): number {
  const pairs = BINOMIAL_PAIRS * members;
  const first = Math.floor(bound) + 1;
  if (first > pairs) return -Infinity;
  const logOf = (k: number): number => LOG_FACTORIAL[k] ?? 0;
  const largest = logOf(2 * pairs) - logOf(pairs + first) - logOf(pairs - first) - 2 * pairs * Math.LN2;
  let relative = 0;
  for (let k = first, term = 1; k <= pairs && term > 1e-20; k++) {
    relative += term;
    term *= (pairs - k) / (pairs + k + 1);
  }
  return 1 + (largest + Math.log(relative)) / Math.LN2; // both sides
}

export interface NoiseFailure {
  readonly members: number;
  /** `noiseBound(members)`. */
  readonly bound: number;
  /** log2 of the probability that an honest sum has one coefficient beyond the bound, over all coefficients at most. */
  readonly log2Rejected: number;
  /** The same for a coefficient that wraps around q. */
  readonly log2Wrapped: number;
}

/** What may fail when an honest sum of `members` vectors of `length` values is opened (union over all coefficients). */
export function noiseFailure(members: number, length: number, layout: LayoutName): NoiseFailure {
  const log2Coefficients = Math.log2(N * chunksFor(length, layout));
  const bound = noiseBound(members);
  return {
    members,
    bound,
    log2Rejected: Math.min(0, log2Tail(members, bound) + log2Coefficients),
    log2Wrapped: Math.min(0, log2Tail(members, NOISE_ROOM) + log2Coefficients),
  };
}

/** The number of members for which an honest sum is rejected most often. */
export function worstNoiseFailure(length: number, layout: LayoutName): NoiseFailure {
  return Array.from({ length: MAX_MEMBERS }, (_, i) => noiseFailure(i + 1, length, layout)).reduce((a, b) =>
    b.log2Rejected > a.log2Rejected ? b : a,
  );
}
