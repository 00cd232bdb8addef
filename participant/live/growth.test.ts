import { describe, expect, it } from 'vitest';
import { Growth } from './growth.ts';

describe('Growth', () => {
  it('says when a file was first seen to be so long', () => {
    const growth = new Growth();
    growth.see(100, 1);
    growth.see(100, 2);
    growth.see(300, 3);
    expect([50, 100, 101, 300, 301].map((bytes) => growth.since(bytes))).toEqual([1, 1, 3, 3, null]);
    expect([100, 101, 300].map((bytes) => growth.next(bytes))).toEqual([300, 300, Infinity]);
    growth.see(400, 5);
    expect(growth.since(301)).toBe(5);
  });

  it('of many looks forgets some, and never says that bytes were there before they were seen', () => {
    const growth = new Growth();
    for (let at = 1; at <= 10_000; at++) growth.see(10 * at, at);
    const found = Array.from({ length: 10_000 }, (_, i) => growth.since(10 * (i + 1)) ?? Infinity);
    expect(found.every((at, i) => at >= i + 1)).toBe(true);
    expect(found.at(-1)).toBe(10_000);
    expect(new Set(found).size).toBeGreaterThan(100);
    expect(new Set(found).size).toBeLessThan(300);
    expect(found[0]).toBeLessThan(200);
  });
});
