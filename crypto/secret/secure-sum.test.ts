import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../identity/node-primitives.ts';
import { addChunk, createAccumulator, packedSum } from '../public/accumulator.ts';
import { interpolateKeySum } from '../public/key-shares.ts';
import { openSum } from '../public/open-sum.ts';
import { LAYOUTS, N, noiseBound, valuesPerChunk } from '../public/params.ts';
import type { LayoutName } from '../public/params.ts';
import {
  ONE_CHUNK,
  type SumSetting,
  answer,
  contribute,
  open,
  plaintextSum,
  transcriptHash,
} from '../../test/bare-sum.ts';
import { sumShares } from './shares.ts';

/** Value bits so that `members` values always fit a slot. */
const bitsFor = (layout: LayoutName, members: number): number =>
  Math.min(16, LAYOUTS[layout].bits - Math.ceil(Math.log2(members)));

const layoutNames = Object.keys(LAYOUTS) as LayoutName[];

/** n members of whom some drop out; t of a committee of m, of whom some are silent. */
const rounds = fc
  .record({
    layout: fc.constantFrom(...layoutNames),
    members: fc.integer({ min: 3, max: 10 }),
    committeeSize: fc.integer({ min: 3, max: 10 }),
    seed: fc.integer({ min: 0, max: 2 ** 20 }),
    fill: fc.constantFrom('random', 'greatest'),
  })
  .chain((r) =>
    fc.record({
      ...Object.fromEntries(Object.entries(r).map(([name, value]) => [name, fc.constant(value)])),
      length: fc.integer({ min: 1, max: 2 * valuesPerChunk(r.layout) + 3 }),
      threshold: fc.integer({ min: 2, max: r.committeeSize }),
      stayed: fc.shuffledSubarray(
        Array.from({ length: r.members }, (_, i) => i),
        { minLength: 1 },
      ),
      speaking: fc.shuffledSubarray(
        Array.from({ length: r.committeeSize }, (_, i) => i + 1),
        { minLength: 2 },
      ),
    } as {
      layout: fc.Arbitrary<LayoutName>;
      members: fc.Arbitrary<number>;
      committeeSize: fc.Arbitrary<number>;
      seed: fc.Arbitrary<number>;
      fill: fc.Arbitrary<'random' | 'greatest'>;
      length: fc.Arbitrary<number>;
      threshold: fc.Arbitrary<number>;
      stayed: fc.Arbitrary<number[]>;
      speaking: fc.Arbitrary<number[]>;
    }),
  );

describe('secure sum', () => {
  it('opens to the exact sum of those who stayed, in any order, by any t of the committee, and by no fewer', () => {
    fc.assert(
      fc.property(
        rounds,
        ({ layout, members, committeeSize, seed, fill, length, threshold, stayed, speaking }) => {
          const committee = Array.from({ length: committeeSize }, (_, i) => i + 1);
          const setting = { layout, valueBits: bitsFor(layout, members), length, threshold, committee };
          const all = Array.from({ length: members }, (_, i) => contribute(setting, seed + i, fill));
          const set = stayed.map((i) => all[i]).filter((c) => c !== undefined); // shuffled: any order of uploads
          const answers = speaking.map((index) => answer(index, set));
          if (answers.length < threshold) {
            expect(() => interpolateKeySum(threshold, answers, set.length)).toThrow(/COMMITTEE_UNAVAILABLE/);
            return;
          }
          const keySum = interpolateKeySum(threshold, answers, set.length);
          expect(open(setting, keySum, set)).toEqual(plaintextSum(set, length));
        },
      ),
      { seed: 20260, numRuns: 60 },
    );
  });

  it.each(layoutNames)('%s: ten members at the greatest value fill the slot exactly', (layout) => {
    const setting: SumSetting = {
      layout,
      valueBits: bitsFor(layout, 10),
      length: valuesPerChunk(layout) + 1,
      threshold: 7,
      committee: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    };
    const set = Array.from({ length: 10 }, (_, i) => contribute(setting, i, 'greatest'));
    const answers = [10, 2, 5, 7, 1, 9, 3].map((index) => answer(index, set));
    const opened = open(setting, interpolateKeySum(7, answers, 10), set);
    expect(opened).toEqual(new Uint32Array(setting.length).fill(10 * (2 ** setting.valueBits - 1)));
  });

  it.each(layoutNames)(
    '%s: vectors of one value, of whole chunks, one more or fewer, and odd lengths open exactly',
    (layout) => {
      const whole = valuesPerChunk(layout);
      for (const length of [1, 2, 3, 4095, 4097, whole - 1, whole, whole + 1, 2 * whole - 3]) {
        const setting: SumSetting = {
          layout,
          valueBits: bitsFor(layout, 3),
          length,
          threshold: 2,
          committee: [1, 2, 3],
        };
        const set = [1, 2, 3].map((i) => contribute(setting, 100 * i + (length % 97), 'random'));
        const answers = [3, 1].map((index) => answer(index, set));
        expect(open(setting, interpolateKeySum(2, answers, 3), set)).toEqual(plaintextSum(set, length));
      }
    },
  );

  it('a thousand members: the sum of one chunk is exact and its noise within the bound', () => {
    const setting = ONE_CHUNK;
    const accumulator = createAccumulator();
    const sum = new Uint32Array(setting.length);
    const shareSums = new Map([1, 3].map((index) => [index, new Uint32Array(N)]));
    for (let member = 0; member < 1000; member++) {
      const one = contribute(setting, member, member % 2 === 0 ? 'greatest' : 'random');
      addChunk(accumulator, one.chunks[0] ?? new Uint8Array());
      one.values.forEach((v, i) => (sum[i] = (sum[i] ?? 0) + v));
      const add = (a: Uint32Array, b: Uint32Array) => sumShares([a, b].map((share) => [1, share] as const));
      for (const [index, total] of shareSums) total.set(add(total, answer(index, [one]).shareSum));
    }
    const answers = Array.from(shareSums, ([committeeIndex, shareSum]) => ({ committeeIndex, shareSum }));
    const keySum = interpolateKeySum(2, answers, 1000);
    const opener = openSum(nodePrimitives, {
      transcriptHash,
      keySum,
      members: 1000,
      layout: '3x26',
      length: 3 * N,
    });
    expect(opener.openChunk(0, packedSum(accumulator))).toEqual(sum);
    // Standard deviation of E is sqrt(20.5 * 1000) = 143; the greatest of 4,096 is near 3.5 of them.
    expect(opener.greatestNoise()).toBeGreaterThan(300);
    expect(opener.greatestNoise()).toBeLessThan(noiseBound(1000) / 2);
  }, 30_000);
});
