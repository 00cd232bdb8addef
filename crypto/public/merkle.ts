import { equalBytes } from './encoding.ts';
import { CryptoError } from './errors.ts';
import type { PublicPrimitives } from './primitives.ts';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** RFC 9162 section 2.1.1: SHA-256(0x00 || leaf). */
export function leafHash(primitives: PublicPrimitives, leaf: Uint8Array): Uint8Array {
  return primitives.sha256(LEAF, leaf);
}

/** RFC 9162 section 2.1.1: SHA-256(0x01 || left || right). */
export function nodeHash(primitives: PublicPrimitives, left: Uint8Array, right: Uint8Array): Uint8Array {
  return primitives.sha256(NODE, left, right);
}

/** The Merkle tree hash of leaves that come one after another; it holds one hash a level. */
export class MerkleBuilder {
  readonly #primitives: PublicPrimitives;
  /** Roots of the complete subtrees so far, largest first: one for every set bit of the size. */
  readonly #peaks: Uint8Array[] = [];
  #size = 0;

  constructor(primitives: PublicPrimitives) {
    this.#primitives = primitives;
  }

  /** Leaves so far. */
  get size(): number {
    return this.#size;
  }

  append(leaf: Uint8Array): void {
    this.appendHash(leafHash(this.#primitives, leaf));
  }

  /** The next leaf by its hash (`leafHash`), for whoever has hashed it already. */
  appendHash(leafDigest: Uint8Array): void {
    let hash = leafDigest;
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2) {
      const left = this.#peaks.pop();
      if (left !== undefined) hash = nodeHash(this.#primitives, left, hash);
    }
    this.#peaks.push(hash);
    this.#size++;
  }

  /** Root of the leaves so far, 32 bytes; SHA-256 of nothing where there are none. */
  root(): Uint8Array {
    if (this.#peaks.length === 0) return this.#primitives.sha256();
    return this.#peaks.reduceRight((right, left) => nodeHash(this.#primitives, left, right));
  }
}

/**
 * RFC 9162 section 2.1.1: the Merkle tree hash of a list of leaves, 32 bytes.
 * @public for whoever audits
 */
export function merkleRoot(primitives: PublicPrimitives, leaves: Iterable<Uint8Array>): Uint8Array {
  const builder = new MerkleBuilder(primitives);
  for (const leaf of leaves) builder.append(leaf);
  return builder.root();
}

function range(primitives: PublicPrimitives, hashes: readonly Uint8Array[]): Uint8Array {
  const [only] = hashes;
  if (hashes.length === 1 && only !== undefined) return only;
  const split = largestPowerBelow(hashes.length);
  return nodeHash(
    primitives,
    range(primitives, hashes.slice(0, split)),
    range(primitives, hashes.slice(split)),
  );
}

function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/**
 * RFC 9162 section 2.1.3.1: the hashes that lead from leaf `index` to the root, lowest first.
 * @throws CryptoError VALUE_OUT_OF_RANGE for an index outside the list
 * @public for whoever audits
 */
export function inclusionProof(
  primitives: PublicPrimitives,
  leaves: readonly Uint8Array[],
  index: number,
): Uint8Array[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
    throw new CryptoError('VALUE_OUT_OF_RANGE', {
      expected: `an index below ${leaves.length}`,
      got: String(index),
      next: 'ask for a leaf of this tree',
    });
  }
  let hashes = leaves.map((leaf) => leafHash(primitives, leaf));
  let at = index;
  const path: Uint8Array[] = [];
  while (hashes.length > 1) {
    const split = largestPowerBelow(hashes.length);
    const [low, high] = [hashes.slice(0, split), hashes.slice(split)];
    path.push(range(primitives, at < split ? high : low));
    hashes = at < split ? low : high;
    at = at < split ? at : at - split;
  }
  return path.reverse();
}

/**
 * RFC 9162 section 2.1.3.2: whether `leaf` is number `index` of the `size` leaves under `root`.
 * @public for whoever audits
 */
export function verifyInclusion(
  primitives: PublicPrimitives,
  claim: {
    readonly root: Uint8Array;
    readonly leaf: Uint8Array;
    readonly index: number;
    readonly size: number;
    readonly proof: readonly Uint8Array[];
  },
): boolean {
  const { index, size, proof } = claim;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let [fn, sn] = [index, size - 1];
  let hash = leafHash(primitives, claim.leaf);
  for (const sibling of proof) {
    if (sn === 0 || sibling.length !== 32) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(primitives, sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else {
      hash = nodeHash(primitives, hash, sibling);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && equalBytes(hash, claim.root);
}
