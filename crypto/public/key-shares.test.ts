import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineField } from './kernels/ring.ts';
import { lagrangeFactors } from './lagrange.ts';
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

  /** Answers of a committee of m for random secrets, all true. */
  function honest(threshold: number, m: number): ShareSum[] {
    const basis = Array.from({ length: threshold }, (_, i) => ({
      committeeIndex: i + 1,
      shareSum: Uint32Array.from({ length: N }, (_value, j) => (j * 104_729 * (i + 3) + i) % SHARE_PRIME),
    }));
    return Array.from({ length: m }, (_, i) => {
      const factors = lagrangeFactors(
        basis.map(({ committeeIndex }) => committeeIndex),
        i + 1,
      );
      const shareSum = combineField(basis.map((one, j) => [factors[j] ?? 0, one.shareSum] as const));
      return { committeeIndex: i + 1, shareSum };
    });
  }

  it('up to floor((a - t) / 2) wrong answers are named, whatever is wrong with them and wherever', () => {
    const committees = fc
      .integer({ min: 3, max: 15 })
      .chain((m) => fc.record({ m: fc.constant(m), t: fc.integer({ min: Math.floor(m / 2) + 1, max: m }) }));
    const change = fc.record({
      at: fc.uniqueArray(fc.nat(N - 1), { minLength: 1, maxLength: 4 }),
      by: fc.integer({ min: 1, max: SHARE_PRIME - 1 }),
    });
    fc.assert(
      fc.property(
        committees,
        fc.infiniteStream(fc.nat(1000)),
        fc.infiniteStream(change),
        ({ m, t }, rank, changes) => {
          const answers = honest(t, m);
          const most = Math.floor((m - t) / 2);
          const order = answers.map(() => Number(rank.next().value));
          const wrong = answers
            .toSorted((a, b) => (order[a.committeeIndex - 1] ?? 0) - (order[b.committeeIndex - 1] ?? 0))
            .slice(0, (order[0] ?? 0) % (most + 1))
            .map(({ committeeIndex }) => committeeIndex)
            .sort((a, b) => a - b);
          const said = answers.map((one) => {
            if (!wrong.includes(one.committeeIndex)) return one;
            const shareSum = one.shareSum.slice();
            const { at, by } = changes.next().value as { at: number[]; by: number };
            for (const i of at) shareSum[i] = ((shareSum[i] ?? 0) + by) % SHARE_PRIME;
            return { ...one, shareSum };
          });
          expect(findWrongAnswers(t, said)).toEqual(wrong);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('one wrong answer too many is never taken for the truth: nobody is named, or the vectors still contradict', () => {
    const answers = honest(9, 15);
    const said = answers.map((one) =>
      [2, 5, 11, 14].includes(one.committeeIndex) ? flipped(one, one.committeeIndex, 3) : one,
    );
    expect(findWrongAnswers(9, said)).toBeNull();
    expect(() => interpolateKeySum(9, said, 1000)).toThrow('contradicting answers');
  });

  it('fifteen answers, three of them wrong in everything, are told apart', () => {
    const said = honest(9, 15).map((one) =>
      one.committeeIndex > 12 ? { ...one, shareSum: one.shareSum.map((v) => (v + 1) % SHARE_PRIME) } : one,
    );
    expect(findWrongAnswers(9, said)).toEqual([13, 14, 15]);
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
