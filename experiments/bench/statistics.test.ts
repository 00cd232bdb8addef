import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, rowOf, significant } from './statistics.ts';

describe('median', () => {
  it.each([
    [[5], 5],
    [[1, 9], 5],
    [[9, 1, 2], 2],
    [[100, 3, 1, 4], 3.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('has as many values at or above it as at or below it, and leaves its input alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), (values) => {
        const before = [...values];
        const middle = median(values);
        expect(values).toEqual(before);
        const half = values.length / 2;
        expect(values.filter((value) => value >= middle).length).toBeGreaterThanOrEqual(half);
        expect(values.filter((value) => value <= middle).length).toBeGreaterThanOrEqual(half);
      }),
    );
  });

  it('of nothing is an error, not a zero', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('a row', () => {
  it('has median, least and greatest of its samples and their number', () => {
    expect(rowOf('member.encrypt_ms', 'ms', [30, 10, 20])).toEqual({
      name: 'member.encrypt_ms',
      unit: 'ms',
      median: 20,
      min: 10,
      max: 30,
      runs: 3,
    });
  });

  it('keeps five significant digits', () => {
    expect([123456.7, 0.00123456, 0].map(significant)).toEqual([123460, 0.0012346, 0]);
  });
});
