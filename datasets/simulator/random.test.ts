import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AliasTable } from './alias.ts';
import { Random } from './random.ts';

describe('Random', () => {
  it('repeats itself for a seed and stream and differs between neighbouring seeds and streams', () => {
    const draw = (seed: number, stream: string): string => {
      const random = new Random(seed, stream);
      return Array.from({ length: 8 }, () => random.u32()).join();
    };
    expect(draw(1, 'a')).toBe(draw(1, 'a'));
    const all = Array.from({ length: 50 }, (_, seed) =>
      ['a', 'b'].map((stream) => draw(seed, stream)),
    ).flat();
    expect(new Set(all).size).toBe(100);
  });

  it('is even in every bit', () => {
    const random = new Random(7, 'bits');
    const ones = Array.from({ length: 32 }, () => 0);
    for (let i = 0; i < 20_000; i++) {
      const value = random.u32();
      for (let bit = 0; bit < 32; bit++) ones[bit] = (ones[bit] ?? 0) + ((value >>> bit) & 1);
    }
    for (const count of ones) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  it('samples different items', () => {
    fc.assert(
      fc.property(fc.nat(), fc.uniqueArray(fc.integer()), fc.nat(20), (seed, list, n) => {
        const out = new Random(seed, 's').sample(list, n);
        expect(new Set(out).size).toBe(Math.min(n, list.length));
        expect(out.every((item) => list.includes(item))).toBe(true);
      }),
    );
  });
});

describe('AliasTable', () => {
  it('draws with the given weights', () => {
    const weights = [1, 0, 5, 2, 0.5];
    const table = new AliasTable(weights);
    const random = new Random(3, 'alias');
    const counts = weights.map(() => 0);
    for (let i = 0; i < 85_000; i++) {
      const drawn = table.draw(random);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    for (const [i, weight] of weights.entries())
      expect(Math.abs((counts[i] ?? 0) / 10_000 - weight)).toBeLessThan(0.1);
  });
});
