import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitLength, freshNoise, productNoise, roundingNoise, switchedNoise } from './noise.ts';
import { BFV_SETS, PARAMETER_SETS, PLAIN_MODULUS } from './parameters.ts';
import { plan, SMUDGING_SECURITY } from './plan.ts';

describe('a plan', () => {
  it.each([
    ['worlds8192', 1],
    ['worlds16384', 6],
    ['worlds16384long', 8],
  ] as const)('%s takes %i crossings of eight terms by 15 members, and not one more', (set, crossings) => {
    expect(plan(set, { members: 15, crossings, terms: 8 }).budgetBits).toBeGreaterThanOrEqual(2);
    expect(() => plan(set, { members: 15, crossings: crossings + 1, terms: 8 })).toThrow(/CONFIG_INVALID/);
  });

  it('smudges to 2^-40 in total over coefficients and partials, and still decrypts', () => {
    const uses = fc.record({
      members: fc.integer({ min: 2, max: 15 }),
      crossings: fc.integer({ min: 0, max: 9 }),
      terms: fc.integer({ min: 1, max: 16 }),
    });
    fc.assert(
      fc.property(fc.constantFrom(...PARAMETER_SETS), uses, (set, use) => {
        let made;
        try {
          made = plan(set, use);
        } catch {
          return;
        }
        const { degree, primes } = BFV_SETS[set];
        const smudging = 2n ** BigInt(made.smudgingBits);
        // distance n * N * V / (2B) <= 2^-40
        const distance =
          BigInt(use.members) * BigInt(degree) * made.finalNoise * 2n ** BigInt(SMUDGING_SECURITY);
        expect(distance).toBeLessThanOrEqual(2n * smudging);
        const q = primes.slice(0, made.finalLevel).reduce((product, prime) => product * prime, 1n);
        const total = made.finalNoise + BigInt(use.members) * smudging;
        expect(2n * BigInt(PLAIN_MODULUS) * total).toBeLessThan(q);
        expect(made.levels).toHaveLength(use.crossings + 1);
        expect(made.levels).toEqual([...made.levels].sort((a, b) => b - a));
        expect(made.finalLevel).toBeLessThanOrEqual(made.targetLevel);
      }),
      { numRuns: 300 },
    );
  });

  it('bounds each operation as worked out by hand for N = 8,192 and two members', () => {
    const set = BFV_SETS.worlds8192;
    expect(roundingNoise(set, 2)).toBe(8193n); // (1 + 8192*2)/2, rounded up
    // (2 * 8192 * 21 * 2 + 21) / 1032193 rounds down to 0; + 1 + 8193 + 1
    expect(freshNoise(set, 2)).toBe(8195n);
    expect(productNoise(set, 3n)).toBe(3n * 8192n * 32768n);
    expect(switchedNoise(set, 2, 1000n, 10n)).toBe(100n + 1n + 8193n);
    expect(bitLength(8n)).toBe(4);
  });
});
