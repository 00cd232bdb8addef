import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../crypto/identity/node-primitives.ts';
import { bitsNeeded, cellOffset } from '../../models/analytics/sketch-answer.ts';
import { noisedCells } from './noised-cells.ts';

describe('noised cells', () => {
  it('without noise are the counts and the offset', () => {
    expect([...noisedCells(Uint32Array.of(0, 1, 9), { bits: 6 }, null, systemRandom)]).toEqual([32, 33, 41]);
  });

  it('of several members add up to the counts with the noise of the task, which no member has alone', () => {
    const noise = { sigma: 6, shares: 3 };
    const encoding = { bits: bitsNeeded({ cap: 4 }, noise) };
    const cells = new Uint32Array(6000).fill(2);
    const members = 3;
    const vectors = Array.from({ length: members }, () => noisedCells(cells, encoding, noise, systemRandom));
    const spread = (values: readonly number[]) =>
      values.reduce((sum, value) => sum + value * value, 0) / values.length;
    const sums = Array.from(cells, (_, i) => vectors.reduce((sum, one) => sum + (one[i] ?? 0), 0));
    const errors = sums.map((sum) => sum - members * (cellOffset(encoding) + 2));
    // The variance of 6,000 draws is within a tenth of its own but for one in 10^7.
    expect(spread(errors)).toBeGreaterThan(36 * 0.9);
    expect(spread(errors)).toBeLessThan(36 * 1.1);
    const [own] = vectors;
    expect(spread(Array.from(own ?? [], (value) => value - cellOffset(encoding) - 2))).toBeLessThan(12 * 1.1);
    for (const vector of vectors) {
      expect(Math.min(...vector)).toBeGreaterThan(0);
      expect(Math.max(...vector)).toBeLessThan(2 ** encoding.bits - 1);
    }
  });

  it('beyond the range are set to its end instead of spilling into the next slot', () => {
    const values = noisedCells(
      new Uint32Array(500).fill(3),
      { bits: 3 },
      { sigma: 50, shares: 1 },
      systemRandom,
    );
    expect(Math.max(...values)).toBe(7);
    expect(Math.min(...values)).toBe(0);
  });
});
