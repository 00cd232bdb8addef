import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gini, shareOfLargest } from './inequality.ts';

describe('inequality', () => {
  it('is the mean absolute difference over twice the mean', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 30 }), (values) => {
        const mean = values.reduce((a, b) => a + b, 0) / values.length;
        fc.pre(mean > 0);
        const differences = values.flatMap((a) => values.map((b) => Math.abs(a - b)));
        const expected = differences.reduce((a, b) => a + b, 0) / values.length ** 2 / (2 * mean);
        expect(gini(Float64Array.from(values))).toBeCloseTo(expected, 9);
      }),
    );
  });

  it('takes the largest, and of the last one the part that still belongs to them', () => {
    const values = () => Float64Array.from([1, 4, 2, 3]);
    expect(shareOfLargest(values(), 0.25)).toBeCloseTo(0.4);
    expect(shareOfLargest(values(), 0.375)).toBeCloseTo(0.55);
    expect(shareOfLargest(values(), 1)).toBe(1);
  });
});
