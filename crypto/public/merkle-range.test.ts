import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { toHex } from './encoding.ts';
import {
  levelSizes,
  nodeOffset,
  rangeProofPlaces,
  treeBytes,
  treeLevels,
  verifyRange,
} from './merkle-range.ts';
import { inclusionProof, leafHash, merkleRoot } from './merkle.ts';
import { merkleOracle as oracle, oracleLeaves as known } from '../../test/merkle-oracle.ts';

function treeOf(leaves: readonly Uint8Array[]): Uint8Array {
  return treeLevels(p, Buffer.concat(leaves.map((leaf) => leafHash(p, leaf))));
}

function proofOf(tree: Uint8Array, leaves: number, from: number, to: number): Uint8Array[] {
  return rangeProofPlaces(leaves, from, to).map((place) => {
    const at = nodeOffset(leaves, place);
    return tree.subarray(at, at + 32);
  });
}

describe('the levels of a tree, against roots made by other code', () => {
  it.each(oracle.roots.map((root, size) => [size, root] as const).slice(1))('of %i leaves', (size, root) => {
    const tree = treeOf(known.slice(0, size));
    expect(toHex(tree.subarray(-32))).toBe(root);
    expect(tree).toHaveLength(treeBytes(size));
    expect(levelSizes(size).at(-1)).toBe(1);
  });
});

describe('range proofs', () => {
  it.each(oracle.inclusion)(
    'of one leaf are the inclusion proof: $index in $size',
    ({ index, size, proof }) => {
      const made = proofOf(treeOf(known.slice(0, size)), size, index, index + 1);
      expect(made.map(toHex)).toEqual(proof);
    },
  );

  const run = fc
    .integer({ min: 1, max: 70 })
    .chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1), fc.nat(size - 1)))
    .map(([size, a, b]) => ({ size, from: Math.min(a, b), to: Math.max(a, b) + 1 }));

  it('hold for every run of every tree, and for no other place, size, leaf, order or proof', () => {
    fc.assert(
      fc.property(run, fc.nat(), fc.nat(7), ({ size, from, to }, pick, bit) => {
        const leaves = Array.from({ length: size }, (_, i) => Uint8Array.of(i));
        const leafHashes = leaves.slice(from, to).map((leaf) => leafHash(p, leaf));
        const proof = proofOf(treeOf(leaves), size, from, to);
        const claim = { root: merkleRoot(p, leaves), leaves: size, from, leafHashes, proof };
        expect(verifyRange(p, claim)).toBe(true);
        expect(verifyRange(p, { ...claim, from: from + 1 })).toBe(false);
        expect(verifyRange(p, { ...claim, from: from - 1 })).toBe(false);
        expect(verifyRange(p, { ...claim, leaves: to - 1 })).toBe(false);
        expect(verifyRange(p, { ...claim, leafHashes: [] })).toBe(false);
        expect(verifyRange(p, { ...claim, proof: [...proof, new Uint8Array(32)] })).toBe(false);
        if (proof.length > 0) expect(verifyRange(p, { ...claim, proof: proof.slice(1) })).toBe(false);
        if (to - from > 1) {
          expect(verifyRange(p, { ...claim, leafHashes: leafHashes.toReversed() })).toBe(false);
          expect(verifyRange(p, { ...claim, leafHashes: leafHashes.slice(1), from: from + 1 })).toBe(false);
        }
        const all = [...leafHashes, ...proof].map((hash) => hash.slice());
        const victim = all[pick % all.length] ?? new Uint8Array(1);
        victim[pick % 32] = (victim[pick % 32] ?? 0) ^ (1 << bit);
        const changed = { leafHashes: all.slice(0, leafHashes.length), proof: all.slice(leafHashes.length) };
        expect(verifyRange(p, { ...claim, ...changed })).toBe(false);
      }),
    );
  });

  it('never need more than two hashes a level', () => {
    fc.assert(
      fc.property(run, ({ size, from, to }) => {
        expect(rangeProofPlaces(size, from, to).length).toBeLessThanOrEqual(
          2 * (levelSizes(size).length - 1),
        );
      }),
    );
  });

  it('of one leaf are what the recursive definition gives', () => {
    fc.assert(
      fc.property(run, ({ size, from }) => {
        const leaves = Array.from({ length: size }, (_, i) => Uint8Array.of(i));
        expect(proofOf(treeOf(leaves), size, from, from + 1)).toEqual(
          inclusionProof(p, leaves, from).map((hash) => Uint8Array.from(hash)),
        );
      }),
    );
  });

  it.each([
    [4, 2, 2],
    [4, 3, 2],
    [4, -1, 2],
    [4, 0, 5],
    [4, 0.5, 2],
    [0, 0, 1],
  ])('of %i leaves from %d to %d are refused', (leaves, from, to) => {
    expect(() => rangeProofPlaces(leaves, from, to)).toThrow('VALUE_OUT_OF_RANGE');
  });
});
