import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearestNames } from './nearest-names.ts';

/** The definition as it is written down, without bound and table. */
function defined(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  const ways = [
    defined(restA, b) + 1,
    defined(a, restB) + 1,
    defined(restA, restB) + (a[0] === b[0] ? 0 : 1),
  ];
  if (a[0] === b[1] && a[1] === b[0]) ways.push(defined(a.slice(2), b.slice(2)) + 1);
  return Math.min(...ways);
}

describe('edit distance', () => {
  it.each([
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
    ['opne', 'open', 1],
    ['', 'ab', 2],
    ['same', 'same', 0],
  ])('%s to %s', (a, b, edits) => expect(editDistance(a, b, 10)).toBe(edits));

  it('is what its definition says, up to the limit', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
    fc.assert(
      fc.property(word, word, fc.nat(6), (a, b, limit) => {
        expect(editDistance(a, b, limit)).toBe(Math.min(defined(a, b), limit + 1));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('edit distance of long words', () => {
  it('is the same with a limit as without one', () => {
    const letter = fc.constantFrom('a', 'b');
    const edit = fc.record({
      at: fc.nat(60),
      gone: fc.nat(2),
      put: fc.string({ unit: letter, maxLength: 2 }),
    });
    const words = fc.tuple(
      fc.string({ unit: letter, minLength: 20, maxLength: 60 }),
      fc.array(edit, { maxLength: 4 }),
    );
    fc.assert(
      fc.property(words, fc.nat(4), ([a, edits], limit) => {
        const b = edits.reduce((w, { at, gone, put }) => w.slice(0, at) + put + w.slice(at + gone), a);
        expect(editDistance(a, b, limit)).toBe(Math.min(editDistance(a, b, 100), limit + 1));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('nearest names', () => {
  const names = ['telemetry', 'threads', 'state', 'seed', 'key', 'dc-1.north.test', 'dc-2.north.test'];

  it.each<[string, string[]]>([
    ['telemtry', ['telemetry']],
    ['Telemetry', ['telemetry']],
    ['thread', ['threads']],
    ['kye', ['key']],
    ['dc-3.north.test', ['dc-1.north.test', 'dc-2.north.test']],
    ['port', []],
    ['entirely', []],
    ['', []],
    ['x'.repeat(100_000), []],
  ])('of %s', (word, found) => expect(nearestNames(word, names, { most: 3 })).toEqual(found));

  it('are the nearest of many, the same in whatever order they stand', () => {
    const many = Array.from({ length: 3000 }, (_, i) => `host-${i}`);
    const found = ['host-1111', 'host-1011', 'host-1101'];
    expect(nearestNames('host-1111', many, { most: 3 })).toEqual(found);
    expect(nearestNames('host-1111', many.toReversed(), { most: 3 })).toEqual(found);
  });

  it('may be meant by a part of themselves', () => {
    const forms = (name: string) => [name, name.split('.')[0] ?? ''];
    expect(nearestNames('dc-1', names, { forms })).toEqual(['dc-1.north.test']);
    expect(nearestNames('dc-1', names)).toEqual([]);
  });

  it('end with the 200,000th name', () => {
    let asked = 0;
    const endless = (function* () {
      for (;;) yield `n${asked++}`;
    })();
    expect(nearestNames('n199999', endless)).toEqual(['n199999']);
    expect(asked).toBeLessThanOrEqual(200_001);
  });
});
