import { describe, expect, it } from 'vitest';
import { parseSeeds } from './seeds.ts';

const seeds = (text: string) => parseSeeds(text, '--seeds', 'USAGE');

describe('seeds as people write them', () => {
  it('are numbers and ranges, each once and in order', () => {
    expect(seeds('1-3,7')).toEqual([1, 2, 3, 7]);
    expect(seeds('7, 2 - 3,2')).toEqual([2, 3, 7]);
    expect(seeds('0,4294967295')).toEqual([0, 2 ** 32 - 1]);
  });

  it.each(['', '1,', '3-1', 'one', '-1', '1.5', '4294967296', '0-1000', '0-999,2000'])(
    'refuses %j with one error that shows the form',
    (text) => {
      expect(() => seeds(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
      expect(() => seeds(text)).toThrow(/1-3,7/);
    },
  );
});
