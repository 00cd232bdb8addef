import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JointQuery } from '../../../test/joint-federation.ts';
import { systemRandom } from '../../identity/node-primitives.ts';
import type { RandomBytes } from '../../public/primitives.ts';
import { BfvContext } from '../public/bfv-context.ts';
import { verifyPartial } from '../public/partial-decryption.ts';
import { RESPONSE_BOUND } from '../public/possession.ts';
import { sampleNonzero } from './blind.ts';
import { sampleError, sampleMask } from './small-noise.ts';
import { sampleSmudging } from './smudging.ts';

let context: BfvContext;
beforeAll(async () => {
  context = await BfvContext.create('worlds8192');
});
afterAll(() => context[Symbol.dispose]());

/** The same bytes in every run: the hash of a counter. */
function repeatable(seed: string): RandomBytes {
  let calls = 0;
  return (length) =>
    new Uint8Array(createHash('shake256', { outputLength: length }).update(`${seed} ${calls++}`).digest());
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const variance = (values: readonly number[]): number => mean(values.map((v) => v * v)) - mean(values) ** 2;
function correlation(a: readonly number[], b: readonly number[]): number {
  const products = a.map((v, i) => v * (b[i] ?? 0));
  return (mean(products) - mean(a) * mean(b)) / Math.sqrt(variance(a) * variance(b));
}

/** Centred coefficients modulo the product of two primes. */
function compose(residues: BigUint64Array, degree: number, primes: readonly bigint[]): bigint[] {
  const [p = 1n, r = 1n] = primes;
  const q = p * r;
  let inverse = 1n;
  for (let base = p % r, exponent = r - 2n; exponent > 0n; exponent >>= 1n, base = (base * base) % r) {
    if (exponent & 1n) inverse = (inverse * base) % r;
  }
  return Array.from({ length: degree }, (_, i) => {
    const low = residues[i] ?? 0n;
    const high = residues[degree + i] ?? 0n;
    const value = low + p * (((((high - low) * inverse) % r) + r) % r);
    return value > q / 2n ? value - q : value;
  });
}

describe('smudging noise', () => {
  it('is uniform over its whole range: bounds, mean, variance, and 64 equal parts by chi-square', () => {
    const degree = 8192;
    const primes = context.primesAt(2);
    const bits = 72;
    const noise = compose(sampleSmudging(repeatable('a'), degree, primes, bits), degree, primes);
    const bound = 2n ** BigInt(bits);
    expect(noise.every((v) => v >= -bound && v < bound)).toBe(true);
    const scaled = noise.map((v) => Number(v) / 2 ** bits); // uniform in [-1, 1)
    expect(Math.abs(mean(scaled))).toBeLessThan(5 / Math.sqrt(3 * degree));
    expect(variance(scaled)).toBeCloseTo(1 / 3, 1);
    const counts = new Array<number>(64).fill(0);
    for (const v of scaled) counts[Math.floor((v + 1) * 32)]! += 1;
    const chi = counts.reduce((sum, count) => sum + (count - 128) ** 2 / 128, 0);
    expect(chi).toBeLessThan(130); // 63 degrees of freedom: beyond 130 once in a million
    const low = noise.map((v) => Number(((v % 256n) + 256n) % 256n)); // the low bits are random too
    expect(Math.abs(mean(low) - 127.5)).toBeLessThan((5 * 74) / Math.sqrt(degree));
  });

  it('of real partial decryptions has the size of the plan, is fresh for each member, and independent of the rest', () => {
    using query = new JointQuery(context, 3);
    const { plan } = query.session;
    const { degree } = context.parameters;
    const primes = context.primesAt(plan.finalLevel);
    const { encryptor } = query.join();
    using target = encryptor.encryptZero(plan.targetLevel);
    const { sum } = query.blind(target, encryptor);
    const [c0, c1] = sum.ciphertext.residues();
    const [, c1Hat] = context.ring.toNtt(c0, c1);
    const zero = new BigUint64Array(c1.length);
    const noises = query.members.map((member) => {
      const partial = verifyPartial(sum, query.share(member).answer(sum));
      using timesSecret = context.ring.multiplier(query.secrets.get(member)!);
      const exact = timesSecret.apply(zero, c1Hat); // c1 * s_i, as only the oracle has it
      const [difference] = context.ring.fromNtt(
        context.ring.sum([partial, context.ring.negate(exact)]),
        c1Hat,
      );
      return compose(difference, degree, primes);
    });
    const bound = 2n ** BigInt(plan.smudgingBits);
    const scaled = noises.map((noise) => {
      expect(noise.every((v) => v >= -bound && v < bound)).toBe(true);
      return noise.map((v) => Number(v) / Number(bound));
    });
    for (const one of scaled) expect(Math.abs(variance(one) - 1 / 3)).toBeLessThan(0.02);
    const limit = 5 / Math.sqrt(degree);
    expect(Math.abs(correlation(scaled[0]!, scaled[1]!))).toBeLessThan(limit);
    expect(Math.abs(correlation(scaled[0]!, scaled[2]!))).toBeLessThan(limit);
    const ciphertext = compose(c1, degree, primes).map((v) => Number(v) / 2 ** 111);
    expect(Math.abs(correlation(scaled[0]!, ciphertext))).toBeLessThan(limit);
    expect(Math.abs(correlation(scaled[0]!.slice(1), scaled[0]!.slice(0, -1)))).toBeLessThan(limit);
  });
});

describe('small samples', () => {
  it('errors are centred binomial with 21 pairs: range, mean, variance 10.5, and the weight of zero', () => {
    const degree = 65536;
    const error = [...sampleError(repeatable('e'), degree)];
    expect(Math.max(...error)).toBeLessThanOrEqual(21);
    expect(Math.min(...error)).toBeGreaterThanOrEqual(-21);
    expect(Math.abs(mean(error))).toBeLessThan(5 * Math.sqrt(10.5 / degree));
    expect(Math.abs(variance(error) - 10.5)).toBeLessThan(0.3);
    const zeros = error.filter((v) => v === 0).length / degree;
    expect(Math.abs(zeros - 538257874440 / 2 ** 42)).toBeLessThan(0.006); // C(42, 21) / 2^42
  });

  it('masks of a proof are uniform in [-2^27, 2^27), blinding factors uniform and never zero', () => {
    const mask = [...sampleMask(repeatable('m'), 65536, 27)].map((v) => v / 2 ** 27);
    expect(mask.every((v) => v >= -1 && v < 1)).toBe(true);
    expect(Math.abs(mean(mask))).toBeLessThan(0.015);
    expect(Math.abs(variance(mask) - 1 / 3)).toBeLessThan(0.01);
    const factors = sampleNonzero(repeatable('r'), 65536);
    expect(factors.every((v) => v >= 1 && v <= 65536)).toBe(true);
    expect(Math.abs(mean([...factors]) - 32768.5)).toBeLessThan(5 * 74);
    const extremes = sampleNonzero((length) => new Uint8Array(length).fill(255), 2);
    expect([...extremes]).toEqual([65536, 65536]);
  });
});

describe('a proof of possession', () => {
  it('shows responses that are uniform and uncorrelated with the secret and the error', () => {
    using query = new JointQuery(context, 2);
    const reveals = query.reveals(query.commitments());
    const { degree } = context.parameters;
    const proof = reveals[0]!.proof;
    const z = [...new Int32Array(Uint8Array.from(proof.subarray(32)).buffer)];
    expect(z.every((v) => Math.abs(v) < RESPONSE_BOUND)).toBe(true);
    expect(Math.abs(variance(z.map((v) => v / RESPONSE_BOUND)) - 1 / 3)).toBeLessThan(0.02);
    const secret = query.secrets.get('org-1')!;
    const [s] = context.ring.fromNtt(secret, secret);
    const ternary = Array.from(s.subarray(0, degree), (v) => (v > 1n ? -1 : Number(v)));
    expect(new Set(ternary)).toEqual(new Set([-1, 0, 1]));
    expect(Math.abs(correlation(z.slice(0, degree), ternary))).toBeLessThan(5 / Math.sqrt(degree));
    expect(Math.abs(correlation(z.slice(degree), ternary))).toBeLessThan(5 / Math.sqrt(degree));
  });

  it('stops with an error where the random source is stuck', () => {
    using query = new JointQuery(context, 2);
    let stuck = false;
    const random: RandomBytes = (length) => (stuck ? new Uint8Array(length).fill(255) : systemRandom(length));
    const share = query.sampleWith('org-1', random);
    const commitments = [share.commit(), query.share('org-2').commit()];
    stuck = true; // the mask is at the end of its range, so that no response is ever accepted
    expect(() => share.reveal(commitments)).toThrow(/VALUE_OUT_OF_RANGE/);
  });
});
