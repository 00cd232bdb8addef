import { describe, expect, it } from 'vitest';
import { assertSum, plainSum, seededUpdate, seededValues } from './seeded-values.ts';

describe('the vectors of the bench', () => {
  it('are the same in every run, others for every member, and of 16 bits', () => {
    const values = seededValues(5000, 1);
    expect(seededValues(5000, 1)).toEqual(values);
    expect(seededValues(5000, 2)).not.toEqual(values);
    expect(values.every((value) => value < 2 ** 16)).toBe(true);
    expect(Math.max(...values)).toBeGreaterThan(2 ** 15);
  });

  it('as updates are small numbers on both sides of zero', () => {
    const update = seededUpdate(5000, 1);
    expect(update.every((value) => Math.abs(value) <= 0.002)).toBe(true);
    expect(update.some((value) => value < 0) && update.some((value) => value > 0)).toBe(true);
  });

  it('add up, and a sum that is off by one anywhere is found', () => {
    const sum = plainSum([Uint32Array.of(1, 2), Uint32Array.of(3, 65535)]);
    expect(sum).toEqual(Uint32Array.of(4, 65537));
    assertSum('x', sum, sum);
    expect(() => assertSum('x', Uint32Array.of(4, 65536), sum)).toThrow(/x: .* 65536 instead of 65537 at 1/);
    expect(() => assertSum('x', Uint32Array.of(4), sum)).toThrow(/x:/);
    expect(() => assertSum('x', Uint32Array.of(4, 65537, 0), sum)).toThrow(/x:/);
  });
});
