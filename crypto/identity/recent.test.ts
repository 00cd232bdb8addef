import { describe, expect, it } from 'vitest';
import { Recent } from './recent.ts';

describe('Recent', () => {
  it('keeps the newest entries up to its size and forgets the oldest first', () => {
    const recent = new Recent<number>(3);
    for (let i = 0; i < 5; i++) recent.set(`k${i}`, i);
    expect(recent.size).toBe(3);
    expect(['k0', 'k1', 'k2', 'k3', 'k4'].map((key) => recent.get(key))).toEqual([
      undefined,
      undefined,
      2,
      3,
      4,
    ]);
  });

  it('setting what is there changes its value and pushes nothing out', () => {
    const recent = new Recent<number>(2);
    recent.set('a', 1);
    recent.set('b', 2);
    recent.set('b', 3);
    expect([recent.get('a'), recent.get('b'), recent.size]).toEqual([1, 3, 2]);
  });
});
