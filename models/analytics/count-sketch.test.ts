import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CountSketch,
  STATISTICS,
  type SketchShape,
  accountSensitivity,
  cellOf,
  checkShape,
  keyKindOf,
  sketchLength,
  tablesOf,
} from './count-sketch.ts';
import { answerOf, bitsNeeded, cellOffset, leastKept } from './sketch-answer.ts';

const SHAPE: SketchShape = { width: 64, depth: 3, statistics: STATISTICS, cap: 4, sources: 8 };
const hashOf = (key: string) => new Uint8Array(createHmac('sha256', 'test').update(key).digest());

/** Count-min by its textbook definition, with sets and maps instead of tables. */
function plainCells(
  shape: SketchShape,
  members: readonly (readonly (readonly [string, string, number])[])[],
) {
  const cells = new Map<string, number>();
  for (const keys of members) {
    const own = new Map<string, number>();
    for (const [statistic, key, count] of keys) {
      for (let row = 0; row < shape.depth; row++) {
        const bucket = new DataView(hashOf(key).buffer).getUint32(4 * row);
        const place = `${statistic} ${row} ${bucket % shape.width}`;
        const most = statistic.endsWith('prevalence') ? 1 : shape.cap;
        own.set(place, Math.min(most, (own.get(place) ?? 0) + count));
      }
    }
    for (const [place, value] of own) cells.set(place, (cells.get(place) ?? 0) + value);
  }
  return cells;
}

const anyMembers = fc.array(
  fc.array(
    fc.tuple(
      fc.constantFrom(...STATISTICS),
      fc.string({ minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 6 }),
    ),
    { maxLength: 60 },
  ),
  { minLength: 1, maxLength: 6 },
);

describe('count sketch', () => {
  it('the sum of the members is the sketch by its textbook definition, cell by cell', () => {
    fc.assert(
      fc.property(anyMembers, (members) => {
        const sum = new Uint32Array(sketchLength(SHAPE));
        for (const keys of members) {
          const sketch = new CountSketch(SHAPE);
          for (const [statistic, key, count] of keys) sketch.add(statistic, hashOf(key), count);
          sketch.cells.forEach((value, i) => (sum[i] = (sum[i] ?? 0) + value));
        }
        const expected = plainCells(SHAPE, members);
        const size = SHAPE.depth * SHAPE.width;
        tablesOf(SHAPE).forEach((statistic, table) => {
          for (let row = 0; row < SHAPE.depth; row++)
            for (let bucket = 0; bucket < SHAPE.width; bucket++)
              expect(sum[table * size + row * SHAPE.width + bucket]).toBe(
                expected.get(`${statistic} ${row} ${bucket}`) ?? 0,
              );
        });
      }),
      { numRuns: 30 },
    );
  });

  it('below the caps the sum is the sketch of the pooled data, and no estimate is below the truth', () => {
    const wide: SketchShape = { ...SHAPE, cap: 255, statistics: ['account-failures', 'source-new-pairs'] };
    const members = [0, 1, 2].map((m) =>
      Array.from({ length: 50 }, (_, i) => [`k${(i * 7 + m) % 40}`, 1 + (i % 3)] as const),
    );
    const pooled = new CountSketch(wide);
    const truth = new Map<string, number>();
    const sum = new Uint32Array(sketchLength(wide));
    for (const keys of members) {
      const own = new CountSketch(wide);
      for (const [key, count] of keys) {
        own.add('account-failures', hashOf(key), count);
        pooled.add('account-failures', hashOf(key), count);
        truth.set(key, (truth.get(key) ?? 0) + count);
      }
      own.cells.forEach((value, i) => (sum[i] = (sum[i] ?? 0) + value));
    }
    expect(sum).toEqual(pooled.cells);
    for (const [key, count] of truth) {
      const rows = [0, 1, 2].map((row) => sum[cellOf(wide, hashOf(key), row)] ?? 0);
      expect(Math.min(...rows)).toBeGreaterThanOrEqual(count);
    }
  });

  it('what is taken away with one account stays within the stated distance, whatever else there is', () => {
    const shape: SketchShape = { ...SHAPE, width: 8, sources: 3 };
    const bound = accountSensitivity(shape);
    const contribution = fc.record({
      sources: fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { maxLength: 3 }),
      failures: fc.integer({ min: 0, max: 9 }),
      fresh: fc.integer({ min: 0, max: 9 }),
    });
    const fill = (accounts: readonly { sources: number[]; failures: number; fresh: number }[]) => {
      const sketch = new CountSketch(shape);
      accounts.forEach(({ sources, failures, fresh }, account) => {
        sketch.add('account-prevalence', hashOf(`a${account}`), 1);
        for (const source of sources) {
          sketch.add('source-prevalence', hashOf(`s${source}`), 1);
          sketch.add('pair-prevalence', hashOf(`a${account} s${source}`), 1);
          sketch.add('account-failures', hashOf(`a${account}`), failures);
          sketch.add('source-failures', hashOf(`s${source}`), failures);
          sketch.add('account-new-pairs', hashOf(`a${account}`), fresh);
          sketch.add('source-new-pairs', hashOf(`s${source}`), fresh);
        }
      });
      return sketch.cells;
    };
    fc.assert(
      fc.property(fc.array(contribution, { minLength: 1, maxLength: 12 }), (accounts) => {
        const [without, all] = [fill(accounts.slice(0, -1)), fill(accounts)];
        let [squared, changed] = [0, 0];
        all.forEach((value, i) => {
          squared += (value - (without[i] ?? 0)) ** 2;
          changed += value === without[i] ? 0 : 1;
        });
        expect(squared).toBeLessThanOrEqual(bound.squared);
        expect(changed).toBeLessThanOrEqual(bound.coordinates);
      }),
    );
    // Reached: one account alone, from three sources, with all that it can do.
    expect(bound.squared).toBe(3 * (1 + 16 + 16 + 3 * (1 + 1 + 16 + 16)));
  });

  it('takes each row from bits of its own and refuses shapes that are none', () => {
    const hash = new Uint8Array(32).fill(0);
    hash[4 * 1 + 3] = 5;
    expect([0, 1, 2].map((row) => cellOf(SHAPE, hash, row))).toEqual([0, 64 + 5, 128]);
    const bad: readonly Partial<SketchShape>[] = [
      { width: 63 },
      { width: 131_072 },
      { depth: 0 },
      { depth: 9 },
      { cap: 0 },
      { cap: 1.5 },
      { sources: 0 },
      { statistics: [] },
      { statistics: ['pair-prevalence', 'pair-prevalence'] },
      { width: 65_536, depth: 8, statistics: STATISTICS, cap: 300 },
    ];
    for (const change of bad) expect(() => checkShape({ ...SHAPE, ...change })).toThrow('VALUE_OUT_OF_RANGE');
    expect(STATISTICS.map(keyKindOf)).toEqual([
      'account',
      'source',
      'pair',
      'account',
      'source',
      'account',
      'source',
    ]);
  });
});

describe('the answer', () => {
  const shape: SketchShape = {
    ...SHAPE,
    width: 4,
    depth: 1,
    statistics: ['account-failures', 'account-prevalence'],
  };
  const encoding = { bits: 8 };
  const members = 5;
  const sumOf = (cells: readonly number[]) =>
    Uint32Array.from(cells, (cell) => cell + members * cellOffset(encoding));

  it('keeps what fewer than the floor could not have caused, and nothing else', () => {
    const sum = sumOf([2, 3, 5, 0, 8, 9, 12, -3]);
    const kept = { floor: 3, noise: null, members };
    // Prevalence first: 3 members or more. Failures, at most 4 a member: 9 or more.
    expect(leastKept(shape, kept)).toEqual([3, 9]);
    expect([...answerOf(shape, encoding, sum, kept)]).toEqual([0, 3, 5, 0, 0, 9, 12, 0]);
    expect([...answerOf(shape, encoding, sum, { ...kept, floor: 1 })]).toEqual([2, 3, 5, 0, 8, 9, 12, 0]);
  });

  it('asks for two deviations of the noise of the sum on top', () => {
    const noise = { sigma: 2, shares: 2 };
    expect(leastKept(shape, { floor: 3, noise, members: 8 })).toEqual([3 + 8, 9 + 8]);
  });

  it('refuses sums of another length and sums that so many members cannot reach', () => {
    const kept = { floor: 3, noise: null, members };
    expect(() => answerOf(shape, encoding, new Uint32Array(7), kept)).toThrow('SHAPE_MISMATCH');
    const much = new Uint32Array(8);
    much[3] = members * 255 + 1;
    expect(() => answerOf(shape, encoding, much, kept)).toThrow('VALUE_OUT_OF_RANGE');
  });

  it('needs bits for the greatest count and twelve deviations of a share of the noise', () => {
    expect(bitsNeeded({ cap: 1 }, null)).toBe(2);
    expect(bitsNeeded({ cap: 4 }, null)).toBe(4);
    expect(bitsNeeded({ cap: 4 }, { sigma: 10, shares: 4 })).toBe(8); // 4 + 60 <= 127
    expect(bitsNeeded({ cap: 4 }, { sigma: 100, shares: 1 })).toBe(12); // 1,204 <= 2,047
  });
});
