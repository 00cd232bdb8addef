import { describe, expect, it } from 'vitest';
import {
  BINOMIAL_PAIRS,
  LAYOUTS,
  MAX_MEMBERS,
  N,
  PRIMES,
  SHARE_PRIME,
  fits,
  noiseBound,
} from '../../crypto/public/params.ts';
import type { LayoutName } from '../../crypto/public/params.ts';
import { NOISE_ROOM, log2Tail, noiseFailure, worstNoiseFailure } from './noise.ts';

const MEMBERS = Array.from({ length: MAX_MEMBERS }, (_, i) => i + 1);

/** log2 of a positive fraction of two integers of any length. */
function log2(numerator: bigint, denominator: bigint): number {
  const size = (x: bigint): number => x.toString(16).length * 4;
  const shift = BigInt(size(denominator) - size(numerator) + 64);
  const scaled = shift > 0n ? (numerator << shift) / denominator : numerator / (denominator << -shift);
  return Math.log2(Number(scaled)) - Number(shift);
}

/** The tail in exact integers: the coefficients of (1 + x)^(82 n) beyond the bound, over 2^(82 n). */
function exactTail(members: number, bound: number): number {
  const pairs = BINOMIAL_PAIRS * members;
  let coefficient = 1n; // of x^(82 n - i), from the end inwards
  let sum = 0n;
  for (let i = 0; i < pairs - bound; i++) {
    sum += coefficient;
    coefficient = (coefficient * BigInt(2 * pairs - i)) / BigInt(i + 1);
  }
  return log2(2n * sum, 1n << BigInt(2 * pairs));
}

/** The distribution of a sum of `members` samples by convolution, as counts of the 2^(82 n) equally likely streams. */
function convolved(members: number): bigint[] {
  let counts = [1n];
  for (let bit = 0; bit < 2 * BINOMIAL_PAIRS * members; bit++) {
    counts = [...counts, 0n].map((count, i) => count + (i > 0 ? (counts[i - 1] ?? 0n) : 0n));
  }
  return counts;
}

describe('the tail of a sum of centred binomial samples', () => {
  it.each([1, 2, 3, 5])('is the convolution of the samples, for %i members and every bound', (members) => {
    const counts = convolved(members);
    const middle = BINOMIAL_PAIRS * members;
    for (const bound of [0, 1, 7, 40, 41, 53, 80].filter((b) => b < middle)) {
      const beyond = counts.reduce((sum, c, i) => sum + (Math.abs(i - middle) > bound ? c : 0n), 0n);
      expect(log2Tail(members, bound)).toBeCloseTo(log2(beyond, 1n << BigInt(2 * middle)), 6);
    }
  });

  it.each([2, 10, 100, 300])('is exact at the bound, by integers, for %i members', (members) => {
    expect(log2Tail(members, noiseBound(members))).toBeCloseTo(exactTail(members, noiseBound(members)), 6);
  });

  it('is nothing beyond what the samples can give', () => {
    expect(log2Tail(1, BINOMIAL_PAIRS)).toBe(-Infinity);
    expect(log2Tail(1, BINOMIAL_PAIRS - 1)).toBeCloseTo(1 - 2 * BINOMIAL_PAIRS, 9);
  });

  it("is below Hoeffding's bound 2 exp(-b^2 / (41 n)), and at the noise bound below 2^-102, for 1 to 1,024 members", () => {
    for (const members of MEMBERS) {
      const bound = noiseBound(members);
      const hoeffding = 1 - bound ** 2 / (BINOMIAL_PAIRS * members) / Math.LN2;
      expect(log2Tail(members, bound)).toBeLessThan(hoeffding);
      expect(log2Tail(members, bound)).toBeLessThan(-102);
    }
  });
});

describe('one key of two whose sum is public', () => {
  /** C(82, k). */
  const choose = convolved(1);

  it('is hypergeometric: variance (82^2 - x^2) / 652 for a sum of x, 41/4 on average', () => {
    const total = 2 * BINOMIAL_PAIRS;
    let average = 0;
    for (let sum = 0; sum <= 2 * total; sum++) {
      let [weight, first, second] = [0n, 0n, 0n];
      for (let one = Math.max(0, sum - total); one <= Math.min(total, sum); one++) {
        const ways = (choose[one] ?? 0n) * (choose[sum - one] ?? 0n);
        weight += ways;
        first += ways * BigInt(one);
        second += ways * BigInt(one * one);
      }
      const variance = Number(((second * weight - first * first) * 2n ** 64n) / (weight * weight)) / 2 ** 64;
      const x = sum - total;
      expect(variance).toBeCloseTo((total ** 2 - x ** 2) / 652, 9);
      average += (variance * Number((weight * 2n ** 64n) >> BigInt(2 * total))) / 2 ** 64;
    }
    expect(average).toBeCloseTo(BINOMIAL_PAIRS / 4, 9);
  });
});

describe('an honest sum', () => {
  it('of 100 million values is rejected with a probability below 2^-80, whatever the number of members', () => {
    for (const layout of Object.keys(LAYOUTS) as LayoutName[]) {
      expect(worstNoiseFailure(100_000_000, layout).log2Rejected).toBeLessThan(-80);
    }
    // Not because nothing is ever rejected.
    expect(worstNoiseFailure(100_000_000, '3x26').log2Rejected).toBeGreaterThan(-84);
  });

  it('has room in q for every noise that is accepted, and wraps with a probability below 2^-120', () => {
    const q = PRIMES.reduce((product, p) => product * BigInt(p), 1n);
    const t = 1n << 78n;
    for (const edge of [t * BigInt(NOISE_ROOM) + t - 1n, -t * BigInt(NOISE_ROOM)]) {
      expect(2n * (edge < 0n ? -edge : edge) < q).toBe(true);
    }
    expect(2n * (t * BigInt(NOISE_ROOM + 1) + t - 1n) < q).toBe(false);
    for (const members of MEMBERS) expect(noiseBound(members)).toBeLessThanOrEqual(NOISE_ROOM);
    expect(noiseFailure(MAX_MEMBERS, 100_000_000, '3x26').log2Wrapped).toBeLessThan(-120);
    expect(noiseFailure(49, 100_000_000, '3x26').log2Wrapped).toBe(-Infinity);
  });

  it('differs from a random one: a coefficient uniform mod q passes with (2b + 1) T/q, just below (2b + 1)/4,095', () => {
    const q = PRIMES.reduce((product, p) => product * BigInt(p), 1n);
    const t = 1n << 78n;
    for (const members of MEMBERS) {
      const bound = BigInt(noiseBound(members));
      // All v with |floor(v / T)| <= b are centred residues, so that each of the 2b + 1 values of E has T of them.
      const [least, most] = [-bound * t, (bound + 1n) * t - 1n];
      expect(-2n * least < q && 2n * most < q).toBe(true);
      const passing = most - least + 1n;
      expect(passing * 4095n < (2n * bound + 1n) * q).toBe(true);
      expect(passing * 4096n > (2n * bound + 1n) * q).toBe(true);
    }
    expect(N * Math.log2((2 * noiseBound(MAX_MEMBERS) + 1) / 4095)).toBeLessThan(-900);
  });

  it('has a key sum that its bound and the field of the shares always hold', () => {
    expect(2 * BINOMIAL_PAIRS * MAX_MEMBERS).toBeLessThan(SHARE_PRIME);
  });

  it('has slots that never spill, where the layout was found to fit', () => {
    for (const layout of Object.keys(LAYOUTS) as LayoutName[]) {
      const { slots, bits } = LAYOUTS[layout];
      expect(slots * bits).toBeLessThanOrEqual(78);
      for (let valueBits = 1; valueBits <= bits; valueBits++) {
        for (const members of MEMBERS) {
          const greatest = members * (2 ** valueBits - 1);
          expect(fits(layout, valueBits, members)).toBe(greatest <= 2 ** bits - 1);
        }
      }
    }
  });
});
