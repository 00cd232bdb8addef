import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { fromHex, toHex } from './encoding.ts';
import { inclusionProof, MerkleBuilder, merkleRoot, verifyInclusion } from './merkle.ts';
import { merkleOracle as oracle, oracleLeaves as leaves } from '../../test/merkle-oracle.ts';

describe('RFC 9162 Merkle tree, against roots and proofs made by other code', () => {
  it.each(oracle.roots.map((root, size) => [size, root] as const))('root of %i leaves', (size, root) => {
    expect(toHex(merkleRoot(p, leaves.slice(0, size)))).toBe(root);
  });

  it('the streaming builder has every root on its way', () => {
    const builder = new MerkleBuilder(p);
    for (const [size, root] of oracle.roots.entries()) {
      expect(builder.size).toBe(size);
      expect(toHex(builder.root())).toBe(root);
      const leaf = leaves[size];
      if (leaf) builder.append(leaf);
    }
  });

  it.each(oracle.inclusion)('inclusion of leaf $index in $size', ({ index, size, proof }) => {
    const made = inclusionProof(p, leaves.slice(0, size), index);
    expect(made.map(toHex)).toEqual(proof);
    const root = fromHex(oracle.roots[size] ?? '');
    const leaf = leaves[index] ?? new Uint8Array();
    expect(verifyInclusion(p, { root, leaf, index, size, proof: made })).toBe(true);
  });
});

describe('inclusion proofs', () => {
  const tree = fc
    .integer({ min: 1, max: 40 })
    .chain((size) => fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }) }));
  const distinct = (size: number) => Array.from({ length: size }, (_, i) => Uint8Array.of(i));

  it('hold for every leaf of every tree, and for no other index, size, leaf or proof', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(7), ({ size, index }, pick, bit) => {
        const list = distinct(size);
        const leaf = Uint8Array.of(index);
        const claim = { root: merkleRoot(p, list), leaf, index, size, proof: inclusionProof(p, list, index) };
        expect(verifyInclusion(p, claim)).toBe(true);
        expect(verifyInclusion(p, { ...claim, leaf: Uint8Array.of(index, 0) })).toBe(false);
        expect(verifyInclusion(p, { ...claim, index: size })).toBe(false);
        expect(verifyInclusion(p, { ...claim, index: -1 })).toBe(false);
        if (size > 1) expect(verifyInclusion(p, { ...claim, index: (index + 1) % size })).toBe(false);
        expect(verifyInclusion(p, { ...claim, proof: [...claim.proof, new Uint8Array(32)] })).toBe(false);
        expect(verifyInclusion(p, { ...claim, proof: claim.proof.slice(1) })).toBe(size === 1);
        const changed = claim.proof.map((hash) => hash.slice());
        const victim = changed[pick % Math.max(1, changed.length)];
        if (victim === undefined) return;
        victim[pick % 32] = (victim[pick % 32] ?? 0) ^ (1 << bit);
        expect(verifyInclusion(p, { ...claim, proof: changed })).toBe(false);
      }),
    );
  });

  it('a leaf cannot pose as a node (0x00 and 0x01 before what is hashed)', () => {
    const [a, b] = [Uint8Array.of(1), Uint8Array.of(2)];
    const inner = [a, b].map((leaf) => p.sha256(Uint8Array.of(0), leaf));
    expect(merkleRoot(p, [Buffer.concat(inner)])).not.toEqual(merkleRoot(p, [a, b]));
  });

  it('are refused for an index outside the tree', () => {
    expect(() => inclusionProof(p, leaves, leaves.length)).toThrow('VALUE_OUT_OF_RANGE');
    expect(() => inclusionProof(p, leaves, 0.5)).toThrow('VALUE_OUT_OF_RANGE');
  });
});
