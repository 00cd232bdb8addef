import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { merkleRoot } from './merkle.ts';
import { valuesPerChunk } from './params.ts';
import { SumTree } from './sum-tree.ts';

describe('the tree over a sum', () => {
  it.each(['3x26', '4x19', '6x13'] as const)(
    'is that of its chunks in %s, however its bytes come',
    (layout) => {
      const leaf = 4 * valuesPerChunk(layout);
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 3 * leaf + 4 }),
          fc.array(fc.integer({ min: 1, max: 2 * leaf })),
          (length, cuts) => {
            const bytes = Uint8Array.from({ length }, (_, i) => i % 251);
            const leaves = Array.from({ length: Math.ceil(length / leaf) }, (_, i) =>
              bytes.subarray(i * leaf, (i + 1) * leaf),
            );
            const tree = new SumTree(p, layout);
            let at = 0;
            for (const cut of [...cuts, length]) {
              tree.update(bytes.subarray(at, at + cut));
              at += cut;
            }
            expect(tree.root()).toEqual(merkleRoot(p, leaves));
          },
        ),
        { numRuns: 30 },
      );
    },
  );
});
