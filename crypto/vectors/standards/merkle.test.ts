import { describe, expect, it } from 'vitest';
import { nodePrimitives as p } from '../../identity/node-primitives.ts';
import { fromHex, toHex } from '../../public/encoding.ts';
import { MerkleBuilder, inclusionProof, leafHash, merkleRoot, verifyInclusion } from '../../public/merkle.ts';

/** The eight leaves of the reference tests of Certificate Transparency (RFC 6962, the same trees as RFC 9162). */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((leaf) => fromHex(leaf));
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('Merkle trees of RFC 6962 and RFC 9162', () => {
  it('section 2.1.1: the reference roots of 0 to 8 leaves, at once and as they come', () => {
    const builder = new MerkleBuilder(p);
    ROOTS.forEach((root, size) => {
      expect(toHex(merkleRoot(p, LEAVES.slice(0, size)))).toBe(root);
      expect(toHex(builder.root())).toBe(root);
      builder.append(LEAVES[size] ?? new Uint8Array());
    });
  });

  // Reference inclusion proofs (leaf counted from 0, size of the tree).
  it.each([
    [
      0,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      5,
      8,
      [
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
    [
      1,
      5,
      [
        '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    ],
  ])('section 2.1.3: the reference proof of leaf %i in a tree of %i', (index, size, proof) => {
    expect(inclusionProof(p, LEAVES.slice(0, size), index).map(toHex)).toEqual(proof);
    const claim = {
      root: fromHex(ROOTS[size] ?? ''),
      leaf: LEAVES[index] ?? new Uint8Array(),
      index,
      size,
      proof: proof.map((hash) => fromHex(hash)),
    };
    expect(verifyInclusion(p, claim)).toBe(true);
    expect(verifyInclusion(p, { ...claim, index: index === 0 ? 1 : 0 })).toBe(false);
  });

  it('section 2.1.5 of RFC 9162: the tree of seven leaves, its audit paths by the names that the figure gives', () => {
    const seven = LEAVES.slice(0, 7);
    const node = (left: Uint8Array, right: Uint8Array): Uint8Array => p.sha256(Uint8Array.of(1), left, right);
    const [a, b, c, d, e, f, j] = seven.map((leaf) => leafHash(p, leaf)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const [g, h, i] = [node(a, b), node(c, d), node(e, f)];
    const [k, l] = [node(g, h), node(i, j)];
    expect(merkleRoot(p, seven)).toEqual(node(k, l));
    expect(inclusionProof(p, seven, 0)).toEqual([b, h, l]);
    expect(inclusionProof(p, seven, 3)).toEqual([c, g, l]);
    expect(inclusionProof(p, seven, 4)).toEqual([f, j, k]);
    expect(inclusionProof(p, seven, 6)).toEqual([i, k]);
  });
});
