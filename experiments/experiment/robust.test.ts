import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combine, groupsOf } from './robust.ts';

const UPDATES = [
  [1, -2, 3.5],
  [0.5, 10, -1],
  [2, 0, 0.25],
  [-4, 1, 1],
  [1.5, 1.5, 100],
].map((values) => Float64Array.from(values));

const TRIMMED = [1, 0.8333333333333334, 1.5833333333333333];
const GEOMETRIC = [0.21969851236174195, 0.5152325641574, 2.369558676632873];

describe('robust aggregation', () => {
  it('gives what NumPy 2.4.6 and SciPy 1.17.1 give', () => {
    // numpy.median(a, axis=0), scipy.stats.trim_mean(a, 0.2, axis=0), scipy.optimize.minimize of the sum of distances.
    expect([...combine('median', UPDATES)]).toEqual([1, 1, 1]);
    combine('trimmed-mean', UPDATES).forEach((value, i) => expect(value).toBeCloseTo(TRIMMED[i] ?? NaN, 12));
    combine('geometric-median', UPDATES).forEach((value, i) =>
      expect(value).toBeCloseTo(GEOMETRIC[i] ?? NaN, 4),
    );
  });

  it('of an even number is the mean of the two in the middle; of two or one their mean', () => {
    expect([...combine('median', UPDATES.slice(0, 4))]).toEqual([0.75, 0.5, 0.625]);
    for (const kind of ['median', 'trimmed-mean', 'geometric-median'] as const) {
      const [x = 0] = combine(kind, UPDATES.slice(0, 2));
      expect(x).toBeCloseTo(0.75, 9);
      expect([...combine(kind, UPDATES.slice(0, 1))]).toEqual([1, -2, 3.5]);
    }
  });

  it('lets one wild update of five go no further than the others reach', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        (others, wild) => {
          const updates = [...others, wild].map((value) => Float64Array.of(value));
          for (const kind of ['median', 'trimmed-mean'] as const) {
            const [value = NaN] = combine(kind, updates);
            expect(value).toBeGreaterThanOrEqual(Math.min(...others));
            expect(value).toBeLessThanOrEqual(Math.max(...others));
          }
        },
      ),
    );
  });
});

describe('groups', () => {
  it('hold everybody once, are as even as can be, and are others in another round', () => {
    const members = Array.from({ length: 10 }, (_, i) => `m${i}`);
    const groups = groupsOf(members, 3, 1, 1);
    expect(groups.flat().toSorted()).toEqual(members.toSorted());
    expect(groups.map((group) => group.length)).toEqual([4, 3, 3]);
    expect(groupsOf(members, 3, 1, 1)).toEqual(groups);
    expect(groupsOf(members, 3, 1, 2)).not.toEqual(groups);
  });
});
