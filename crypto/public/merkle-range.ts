import { equalBytes } from './encoding.ts';
import { CryptoError } from './errors.ts';
import { nodeHash } from './merkle.ts';
import type { PublicPrimitives } from './primitives.ts';

/*
 * One proof for a run of consecutive leaves of an RFC 9162 tree (section 2.1.1): the siblings on its left and right edge,
 * at most two a level, whatever the length of the run. For a single leaf it is the inclusion proof of section 2.1.3.1.
 *
 * The tree is seen level by level: nodes 2i and 2i + 1 of a level make node i of the next, and a last one without a
 * sibling goes up as it is. That gives the same roots as the recursive definition, which splits at powers of two.
 */

/** Bytes of one hash. */
const HASH = 32;

/** A node of the tree: leaves are level 0. */
export interface TreePlace {
  readonly level: number;
  readonly index: number;
}

/** Nodes of every level, from the leaves to the root. */
export function levelSizes(leaves: number): number[] {
  const sizes = [leaves];
  for (let size = leaves; size > 1;) {
    size = Math.ceil(size / 2);
    sizes.push(size);
  }
  return sizes;
}

/** Bytes of all levels of a tree, one after another, as `treeLevels` gives them. */
export function treeBytes(leaves: number): number {
  return HASH * levelSizes(leaves).reduce((sum, size) => sum + size, 0);
}

/** Where a node lies in what `treeLevels` gives. */
export function nodeOffset(leaves: number, { level, index }: TreePlace): number {
  const below = levelSizes(leaves).slice(0, level);
  return HASH * (below.reduce((sum, size) => sum + size, 0) + index);
}

/**
 * All nodes of a tree: the leaf hashes and every level above them, about 64 bytes a leaf; the last 32 bytes are the root.
 * Whoever keeps them makes a proof by reading a few of them, without the leaves.
 * @param leafHashes 32 bytes a leaf (`leafHash`), at least one
 */
export function treeLevels(primitives: PublicPrimitives, leafHashes: Uint8Array): Uint8Array {
  const leaves = leafHashes.length / HASH;
  const nodes = new Uint8Array(treeBytes(leaves));
  nodes.set(leafHashes);
  const at = (node: number) => nodes.subarray(HASH * node, HASH * (node + 1));
  let level = 0;
  for (const size of levelSizes(leaves).slice(0, -1)) {
    const next = level + size;
    for (let i = 0; i < size; i += 2) {
      const left = at(level + i);
      nodes.set(i + 1 < size ? nodeHash(primitives, left, at(level + i + 1)) : left, HASH * (next + i / 2));
    }
    level = next;
  }
  return nodes;
}

/**
 * The nodes that lead from leaves `from` to `to` (exclusive) to the root, in the order in which they are used: lowest
 * level first, left before right.
 * @throws CryptoError VALUE_OUT_OF_RANGE for a run that is empty or outside the tree
 */
export function rangeProofPlaces(leaves: number, from: number, to: number): TreePlace[] {
  if (!isRun(leaves, from, to)) {
    throw new CryptoError('VALUE_OUT_OF_RANGE', {
      expected: `a run of leaves within 0 to ${leaves}`,
      got: `${from} to ${to}`,
      next: 'ask for leaves of this tree',
    });
  }
  const places: TreePlace[] = [];
  let [low, high] = [from, to];
  for (const [level, size] of levelSizes(leaves).slice(0, -1).entries()) {
    if (low % 2 === 1) places.push({ level, index: --low });
    if (high % 2 === 1 && high < size) places.push({ level, index: high++ });
    [low, high] = [low / 2, Math.ceil(high / 2)];
  }
  return places;
}

/** Whether these are the hashes of leaves `from`, `from + 1`, ... of the `leaves` leaves under `root`; never throws. */
export function verifyRange(
  primitives: PublicPrimitives,
  claim: {
    readonly root: Uint8Array;
    /** Leaves of the whole tree. */
    readonly leaves: number;
    readonly from: number;
    /** `leafHash` of each leaf of the run. */
    readonly leafHashes: readonly Uint8Array[];
    /** The nodes that `rangeProofPlaces` names, in its order. */
    readonly proof: readonly Uint8Array[];
  },
): boolean {
  const { leaves, proof } = claim;
  let hashes = [...claim.leafHashes];
  let low = claim.from;
  if (!isRun(leaves, low, low + hashes.length)) return false;
  if ([...hashes, ...proof].some((hash) => hash.length !== HASH)) return false;
  let used = 0;
  for (const size of levelSizes(leaves).slice(0, -1)) {
    const left = low % 2 === 1 ? proof[used++] : null;
    const high = low + hashes.length;
    const right = high % 2 === 1 && high < size ? proof[used++] : null;
    if (left === undefined || right === undefined) return false;
    if (left !== null) hashes.unshift(left);
    if (right !== null) hashes.push(right);
    low = Math.floor(low / 2);
    hashes = pairs(primitives, hashes);
  }
  const [root] = hashes;
  return used === proof.length && root !== undefined && equalBytes(root, claim.root);
}

function pairs(primitives: PublicPrimitives, hashes: readonly Uint8Array[]): Uint8Array[] {
  const next: Uint8Array[] = [];
  for (let i = 0; i < hashes.length; i += 2) {
    const [left, right] = [hashes[i], hashes[i + 1]];
    if (left !== undefined) next.push(right === undefined ? left : nodeHash(primitives, left, right));
  }
  return next;
}

function isRun(leaves: number, from: number, to: number): boolean {
  return [leaves, from, to].every(Number.isSafeInteger) && from >= 0 && from < to && to <= leaves;
}
