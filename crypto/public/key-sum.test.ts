import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BareContribution,
  type SumSetting,
  answer,
  contribute,
  open,
  plaintextSum,
} from '../../test/bare-sum.ts';
import type { ShareSum } from './key-shares.ts';
import { interpolateAnswers } from './key-sum.ts';
import { lagrangeFactors } from './lagrange.ts';
import { BINOMIAL_PAIRS, N, SHARE_PRIME } from './params.ts';

interface Case {
  readonly setting: SumSetting;
  readonly set: readonly BareContribution[];
  readonly answers: readonly ShareSum[];
}

/** Three contributors, a committee of m of whom all answer. */
function caseOf(threshold: number, m: number): Case {
  const committee = Array.from({ length: m }, (_, i) => i + 1);
  const setting: SumSetting = { layout: '3x26', valueBits: 16, length: 40, threshold, committee };
  const set = [1, 2, 3].map((seed) => contribute(setting, seed, 'random'));
  return { setting, set, answers: committee.map((index) => answer(index, set)) };
}

const changed = (answers: readonly ShareSum[], liar: number, by: (i: number) => number) =>
  answers.map((one) => {
    if (one.committeeIndex !== liar) return one;
    return { ...one, shareSum: one.shareSum.map((v, i) => (v + by(i)) % SHARE_PRIME) };
  });

/** The noise check of the sum, as the coordinator has it. */
function opensOf({ setting, set }: Case) {
  return (keySum: Int32Array): boolean => {
    try {
      return open(setting, keySum, set).length > 0;
    } catch {
      return false;
    }
  };
}

const interpolate = (
  one: Case,
  answers: readonly ShareSum[],
  opens: ((keySum: Int32Array) => boolean) | null,
) => interpolateAnswers(one.setting.threshold, answers, 3, opens);

function inverse(value: number): number {
  let [result, base] = [1n, BigInt(value)];
  for (let power = BigInt(SHARE_PRIME - 2); power > 0n; power >>= 1n) {
    if (power & 1n) result = (result * base) % BigInt(SHARE_PRIME);
    base = (base * base) % BigInt(SHARE_PRIME);
  }
  return Number(result);
}

describe('t + 1 answers, one of them wrong', () => {
  const four = caseOf(3, 4);
  const expected = plaintextSum(four.set, four.setting.length);

  it('name nobody by themselves, and open the exact sum by what opens, whoever lies and however', () => {
    const lie = fc.record({
      liar: fc.integer({ min: 1, max: 4 }),
      at: fc.option(fc.nat(N - 1), { nil: null }),
      by: fc.integer({ min: 1, max: SHARE_PRIME - 1 }),
    });
    fc.assert(
      fc.property(lie, fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), ({ liar, at, by }, order) => {
        const lied = changed(four.answers, liar, (i) => (at === null || i === at ? by : 0));
        const said = order.map((place) => lied[place]).filter((one) => one !== undefined);
        expect(() => interpolate(four, said, null)).toThrow(/ANSWER_INVALID.*contradicting answers/);
        const { keySum, leftOut, certain } = interpolate(four, said, opensOf(four));
        expect([leftOut, certain]).toEqual([[liar], false]);
        expect(open(four.setting, keySum, four.set)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('a lie by which another key sum stays within the bound too: the bound alone would not tell, the noise does', () => {
    const [liar, honest] = [2, 4];
    const others = [1, 2, 3, 4].filter((index) => index !== honest);
    const factor = lagrangeFactors(others, 0)[others.indexOf(liar)] ?? 0;
    // Without the honest answer K would be one greater in its first coefficient, and nowhere else.
    const said = changed(four.answers, liar, (i) => (i === 0 ? inverse(factor) : 0));
    const candidates: Int32Array[] = [];
    const looking = (keySum: Int32Array) => {
      candidates.push(keySum);
      return false;
    };
    expect(() => interpolate(four, said, looking)).toThrow('contradicting answers');
    const right = interpolate(four, said, opensOf(four)).keySum;
    expect(candidates.length).toBeGreaterThan(1);
    expect(candidates).toContainEqual(right);
    expect(candidates).toContainEqual(right.map((v, i) => (i === 0 ? v + 1 : v)));
    for (const keySum of candidates) {
      expect(keySum.every((v) => Math.abs(v) <= 3 * BINOMIAL_PAIRS)).toBe(true);
    }
    expect(interpolate(four, said, opensOf(four)).leftOut).toEqual([liar]);
  });

  it('are not asked what opens where they agree', () => {
    const { leftOut, certain } = interpolate(four, four.answers, () => expect.fail());
    expect([leftOut, certain]).toEqual([[], true]);
  });
});

describe('seven answers of which five are needed', () => {
  const seven = caseOf(5, 7);
  const expected = plaintextSum(seven.set, seven.setting.length);
  const openedWith = (said: readonly ShareSum[]) => {
    const found = interpolate(seven, said, opensOf(seven));
    expect(open(seven.setting, found.keySum, seven.set)).toEqual(expected);
    return [found.leftOut, found.certain];
  };

  it('one wrong: it is named for certain', () => {
    expect(openedWith(changed(seven.answers, 6, () => 5))).toEqual([[6], true]);
  });

  it('two wrong, one more than can be named: the sum opens without them', () => {
    const said = changed(
      changed(seven.answers, 3, () => 5),
      6,
      (i) => i,
    );
    expect(() => interpolate(seven, said, null)).toThrow('ANSWER_INVALID');
    expect(openedWith(said)).toEqual([[3, 6], false]);
  });

  it('two that lie together, so that an honest one looks wrong: the sum opens all the same', () => {
    // Both lies lie on one polynomial with four honest answers; the fifth honest one is then alone against six.
    const honest = [1, 2, 4, 5];
    const base = [...honest, 3];
    const lies = changed(seven.answers, 3, () => 7);
    const factor = lagrangeFactors(base, 6)[base.indexOf(3)] ?? 0;
    const said = changed(lies, 6, () => (7 * factor) % SHARE_PRIME);
    const fooled = interpolate(seven, said, null);
    expect([fooled.leftOut, fooled.certain]).toEqual([[7], true]);
    expect(opensOf(seven)(fooled.keySum)).toBe(false);
    expect(openedWith(said)).toEqual([[3, 6], false]);
  });

  it('three wrong: too few honest ones are left, nothing opens', () => {
    const said = [2, 3, 6].reduce((all, liar) => changed(all, liar, (i) => liar * (i + 1)), seven.answers);
    expect(() => interpolate(seven, said, opensOf(seven))).toThrow('ANSWER_INVALID');
  });
});
