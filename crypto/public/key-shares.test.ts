import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findWrongAnswers, interpolateKeySum } from './key-shares.ts';
import type { ShareSum } from './key-shares.ts';
import { N, SHARE_PRIME } from './params.ts';

interface ShamirOracle {
  readonly cases: readonly {
    readonly t: number;
    readonly m: number;
    readonly secrets: readonly number[];
    readonly shares: Readonly<Record<string, readonly number[]>>;
  }[];
}
const oracle = JSON.parse(
  readFileSync(new URL('../vectors/shamir-131071.json', import.meta.url), 'utf8'),
) as ShamirOracle;

/** The eight known shares in the first places of a vector; zeros share zero. */
function answersOf(one: ShamirOracle['cases'][number]): ShareSum[] {
  return Object.entries(one.shares).map(([index, values]) => {
    const shareSum = new Uint32Array(N);
    shareSum.set(values);
    return { committeeIndex: Number(index), shareSum };
  });
}

function flipped(answer: ShareSum, element: number, bit: number): ShareSum {
  const shareSum = answer.shareSum.slice();
  shareSum[element] = ((shareSum[element] ?? 0) ^ (1 << bit)) % SHARE_PRIME;
  return { ...answer, shareSum };
}

const byOracle = oracle.cases.map((one) => ({ ...one, answers: answersOf(one) }));

describe('key sum', () => {
  it.each(byOracle)(
    'any $t of $m known shares interpolate to the known secrets',
    ({ t, secrets, answers }) => {
      fc.assert(
        fc.property(fc.shuffledSubarray(answers, { minLength: t }), (some) => {
          const key = interpolateKeySum(t, some, 15);
          expect(Array.from(key.subarray(0, secrets.length))).toEqual(secrets);
          expect(key.subarray(secrets.length).every((v) => v === 0)).toBe(true);
        }),
        { numRuns: 30 },
      );
    },
  );

  it.each(byOracle)('any $t less 1 of $m are refused', ({ t, answers }) => {
    fc.assert(
      fc.property(fc.shuffledSubarray(answers, { maxLength: t - 1 }), (some) => {
        expect(() => interpolateKeySum(t, some, 15)).toThrow(/COMMITTEE_UNAVAILABLE/);
      }),
    );
  });

  it.each(byOracle)('one flipped bit among exactly $t answers fails the bound', ({ t, answers }) => {
    fc.assert(
      fc.property(fc.nat(t - 1), fc.nat(7), fc.nat(15), (who, element, bit) => {
        const some = answers.slice(0, t).map((a, j) => (j === who ? flipped(a, element, bit) : a));
        // Secrets here are up to 410, so 12 members bound them; a wrong element lands there with probability below 1 %.
        let key: Int32Array | null = null;
        try {
          key = interpolateKeySum(t, some, 12);
        } catch (error) {
          expect(error).toMatchObject({ code: 'NOISE_CHECK_FAILED' });
        }
        if (key !== null) expect(key).not.toEqual(interpolateKeySum(t, answers.slice(0, t), 12));
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('one answer more than t detects a wrong one, two more name it, t + 2e name e', () => {
    const [, seven] = byOracle;
    if (seven === undefined) throw new Error('the oracle has three cases');
    const { t, answers } = seven;
    const wrong = answers.map((a) => (a.committeeIndex === 4 ? flipped(a, 2, 9) : a));
    expect(findWrongAnswers(t, answers)).toEqual([]);
    expect(() => interpolateKeySum(t, wrong.slice(0, t + 1), 15)).toThrow(/contradicting answers/);
    expect(findWrongAnswers(t, wrong.slice(0, t + 1))).toBeNull();
    expect(findWrongAnswers(t, wrong.slice(0, t + 2))).toEqual([4]);
    expect(() => interpolateKeySum(t, wrong, 15)).toThrow(/wrong answers from committee members 4/);

    const [three] = byOracle;
    const six = byOracle[2];
    if (three === undefined || six === undefined) throw new Error('the oracle has three cases');
    const two = six.answers.map((a) => ([3, 15].includes(a.committeeIndex) ? flipped(a, 0, 3) : a));
    expect(findWrongAnswers(six.t, two)).toEqual([3, 15]);
  });

  it('refuses duplicates, impossible indices and elements outside the field', () => {
    const [first] = byOracle;
    const [one, two] = first?.answers ?? [];
    if (one === undefined || two === undefined) throw new Error('the oracle has three cases');
    expect(() => interpolateKeySum(2, [one, one], 3)).toThrow(/ANSWER_INVALID/);
    for (const committeeIndex of [0, -1, 1.5, SHARE_PRIME]) {
      expect(() => interpolateKeySum(2, [one, { ...two, committeeIndex }], 3)).toThrow(/ANSWER_INVALID/);
    }
    const outside = two.shareSum.slice();
    outside[0] = SHARE_PRIME;
    expect(() => interpolateKeySum(2, [one, { ...two, shareSum: outside }], 3)).toThrow(/ANSWER_INVALID/);
    expect(() => interpolateKeySum(2, [one, { ...two, shareSum: new Uint32Array(8) }], 3)).toThrow(
      /ANSWER_INVALID/,
    );
  });
});
