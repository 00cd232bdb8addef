import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLarge, shareOut } from './sizes.ts';

const total = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + size, 0);

describe('sizes of organisations', () => {
  it('of one large one and others alike are as many times apart as asked for', () => {
    expect(oneLarge(1900, 10, 10)).toEqual([1000, ...Array<number>(9).fill(100)]);
    expect(oneLarge(3000, 10, 1)).toEqual(Array<number>(10).fill(300));
    expect(oneLarge(60, 3, 100)).toEqual([20, 20, 20]);
  });

  it('add up, with none below twenty', () => {
    const parts = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(
        parts,
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 1, max: 100 }),
        (n, more, times) => {
          for (const sizes of [oneLarge(20 * n + more, n, times), shareOut(20 * n + more, n, times)]) {
            expect(total(sizes)).toBe(20 * n + more);
            expect(Math.min(...sizes)).toBeGreaterThanOrEqual(20);
          }
        },
      ),
    );
  });
});
