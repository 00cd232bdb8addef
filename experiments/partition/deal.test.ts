import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dealing, deal } from './deal.ts';

const MEMBERS = 10;
/** 5,000 rows of ten labels in turn. */
const LABELS = Array.from({ length: 5000 }, (_, i) => i % 10);

/** Rows of each member, by label. */
function counts(dealing: Dealing, seed: number): number[][] {
  const table = Array.from({ length: MEMBERS }, () => Array<number>(10).fill(0));
  deal(dealing, LABELS, MEMBERS, seed).forEach((member, i) => {
    const row = table[member];
    const label = LABELS[i] ?? 0;
    if (row) row[label] = (row[label] ?? 0) + 1;
  });
  return table;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** What Flower's partitions were described by: spread of sizes, entropy of labels, labels a member, largest share of a label. */
function described(dealing: Dealing, seeds: number): number[] {
  const rows = Array.from({ length: seeds }, (_, seed) => {
    const table = counts(dealing, seed);
    const sizes = table.map(sum);
    const entropy = table.map(
      (row) => -sum(row.map((n) => (n > 0 ? (n / sum(row)) * Math.log(n / sum(row)) : 0))),
    );
    const kinds = table.map((row) => row.filter((n) => n > 0).length);
    const most = LABELS.slice(0, 10).map((label) => Math.max(...table.map((row) => row[label] ?? 0)) / 500);
    return [
      Math.sqrt(mean(sizes.map((size) => (size - mean(sizes)) ** 2))),
      mean(entropy),
      mean(kinds),
      mean(most),
    ];
  });
  return [0, 1, 2, 3].map((i) => mean(rows.map((row) => row[i] ?? 0)));
}

describe('rows dealt out', () => {
  // flwr-datasets 0.6.1 over 200 seeds (shards: 100), each with the standard error of its mean.
  it.each([
    [
      'Dirichlet, alpha 0.1',
      { kind: 'dirichlet', alpha: 0.1, least: 0 },
      [314.9, 0.969, 5.548, 0.6628],
      [5.0, 0.0083, 0.035, 0.0041],
    ],
    [
      'Dirichlet, alpha 1',
      { kind: 'dirichlet', alpha: 1, least: 0 },
      [135.5, 1.9621, 9.912, 0.2928],
      [2.5, 0.0027, 0.007, 0.0017],
    ],
    [
      'Dirichlet, alpha 10',
      { kind: 'dirichlet', alpha: 10, least: 0 },
      [45.71, 2.263, 10, 0.15338],
      [0.77, 0.00044, 0.0001, 0.00045],
    ],
    [
      'pathological, two labels each',
      { kind: 'pathological', labels: 2 },
      [0, Math.LN2, 2, 0.5],
      [1e-9, 1e-5, 1e-9, 1e-9],
    ],
    [
      'two shards each',
      { kind: 'shards', shards: 2 },
      [0, 0.6585, 1.95, 0.525],
      [1e-9, 0.0048, 0.0069, 0.0034],
    ],
  ] as const)('as Flower does: %s', (_, dealing, expected, errors) => {
    described(dealing, 100).forEach((value, i) => {
      // Ours has an error of its own, over half as many seeds.
      expect(Math.abs(value - (expected[i] ?? 0))).toBeLessThanOrEqual(4 * Math.sqrt(3) * (errors[i] ?? 0));
    });
  });

  it('at random give everybody as many, of every label about as many', () => {
    const table = counts({ kind: 'iid' }, 1);
    expect(table.map(sum)).toEqual(Array(10).fill(500));
    for (const row of table) for (const n of row) expect(Math.abs(n - 50)).toBeLessThan(30);
  });

  it('by natural labels give each label to one member', () => {
    expect([...deal({ kind: 'natural' }, ['b', 'a', 'b', 'c'], 3, 1)]).toEqual([0, 1, 0, 2]);
    expect(() => deal({ kind: 'natural' }, ['a', 'b'], 1, 1)).toThrow(/at most 1 labels/);
  });

  it('all go to somebody, are the same for the same seed and others for another', () => {
    const dealings: Dealing[] = [
      { kind: 'iid' },
      { kind: 'dirichlet', alpha: 0.5, least: 0 },
      { kind: 'pathological', labels: 2 },
      { kind: 'shards', shards: 2 },
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...dealings),
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 20, max: 300 }),
        fc.nat(1000),
        (dealing, members, rows, seed) => {
          const labels = Array.from({ length: rows }, (_, i) => (i * 7) % 4);
          const dealt = deal(dealing, labels, members, seed);
          expect(dealt).toHaveLength(rows);
          expect(dealt.every((member) => member >= 0 && member < members)).toBe(true);
          expect(deal(dealing, labels, members, seed)).toEqual(dealt);
        },
      ),
    );
    for (const dealing of dealings) expect(counts(dealing, 1)).not.toEqual(counts(dealing, 2));
  });

  it('refuse what cannot be', () => {
    expect(() => deal({ kind: 'pathological', labels: 11 }, LABELS, MEMBERS, 1)).toThrow(
      /labels for 10 members/,
    );
    expect(() => deal({ kind: 'pathological', labels: 1 }, LABELS, 5, 1)).toThrow(/from 1 to 5 labels/);
    expect(() => deal({ kind: 'shards', shards: 2 }, [1, 2, 3], 2, 1)).toThrow(/4 rows/);
    expect(() => deal({ kind: 'dirichlet', alpha: 0.01, least: 400 }, LABELS, MEMBERS, 1)).toThrow(
      /100 draws/,
    );
  });
});
