import type { EphemeralPublic } from './ephemeral.ts';
import { CryptoError } from './errors.ts';
import { equalBytes, fromHex } from './encoding.ts';
import { leafHash, verifyInclusion } from './merkle.ts';
import { nodeOffset, rangeProofPlaces, treeLevels } from './merkle-range.ts';
import { PAIR_BYTES, X25519_BYTES } from './pair-sizes.ts';
import type { PublicPrimitives } from './primitives.ts';
import { memberOf } from './roster.ts';
import type { Roster } from './roster.ts';

/** 7 encodings of the points that every X25519 secret takes to zero (RFC 7748 section 6.1), bit 255 clear: */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000', // 0
  '0100000000000000000000000000000000000000000000000000000000000000', // 1
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', // order 8
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157', // order 8
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // p - 1
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // p, which is 0
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // p + 1, which is 1
].map((text) => fromHex(text));

const HASH_BYTES = 32;

/** FIPS 203, table 2 and algorithm 14: k = 3 polynomials of 256 coefficients of 12 bits below q. */
const KEM_Q = 3329;
const KEM_COEFFICIENT_BYTES = (3 * 256 * 12) / 8;

/**
 * Whether a secret can be agreed with both halves of a pair: the X25519 point is not one that gives zero whatever the
 * secret, and the ML-KEM-768 key passes the modulus check (FIPS 203 section 7.2). Public data, no library asked.
 */
export function isUsablePair(pair: Uint8Array): boolean {
  if (pair.length !== PAIR_BYTES) return false;
  const point = pair.slice(0, X25519_BYTES);
  point[31] = (point[31] ?? 0) & 0x7f;
  if (SMALL_ORDER.some((bad) => equalBytes(bad, point))) return false;
  const kem = pair.subarray(X25519_BYTES, X25519_BYTES + KEM_COEFFICIENT_BYTES);
  for (let i = 0; i < kem.length; i += 3) {
    const middle = kem[i + 1] ?? 0;
    if (((middle & 15) << 8) + (kem[i] ?? 0) >= KEM_Q) return false;
    if (((kem[i + 2] ?? 0) << 4) + (middle >> 4) >= KEM_Q) return false;
  }
  return true;
}

/** Which of a committee member's pairs is the contributor's: 0 for member index 1. @throws CryptoError ROSTER_INVALID */
export function pairIndex(roster: Roster, contributor: string): number {
  return memberOf(roster, contributor).index - 1;
}

/** One pair of those of an advertisement. */
export function pairAt(keys: Uint8Array, index: number): Uint8Array {
  return keys.subarray(index * PAIR_BYTES, (index + 1) * PAIR_BYTES);
}

/** The pairs of an advertisement as a Merkle tree (RFC 9162 section 2.1.1): about 64 bytes a pair, whoever asks for proofs. */
export class PairTree {
  readonly #nodes: Uint8Array;
  readonly #size: number;

  /** @param keys whole pairs, at least one */
  constructor(primitives: PublicPrimitives, keys: Uint8Array) {
    this.#size = keys.length / PAIR_BYTES;
    const leaves = new Uint8Array(this.#size * HASH_BYTES);
    for (let i = 0; i < this.#size; i++) leaves.set(leafHash(primitives, pairAt(keys, i)), i * HASH_BYTES);
    this.#nodes = treeLevels(primitives, leaves);
  }

  root(): Uint8Array {
    return this.#nodes.subarray(-HASH_BYTES);
  }

  /** The pair's inclusion proof (section 2.1.3.1), lowest first. @throws CryptoError VALUE_OUT_OF_RANGE */
  proof(index: number): Uint8Array[] {
    return rangeProofPlaces(this.#size, index, index + 1).map((place) => {
      const at = nodeOffset(this.#size, place);
      return this.#nodes.subarray(at, at + HASH_BYTES);
    });
  }
}

/** Hashes in the inclusion proof of one pair of so many. */
export function pairProofLength(size: number, index: number): number {
  return rangeProofPlaces(size, index, index + 1).length;
}

/**
 * Checks what comes with an advertisement: as many pairs as it says, under its root, and each of use to its contributor;
 * one that is not would keep an honest contributor out.
 * @returns the tree of the pairs, which has their proofs
 * @throws CryptoError TRANSCRIPT_INVALID
 */
export function checkPairs(primitives: PublicPrimitives, key: EphemeralPublic, keys: Uint8Array): PairTree {
  const need = (ok: boolean, expected: string, got: string): void => {
    if (ok) return;
    const next = `refuse them; ${key.member} must advertise new keys`;
    throw new CryptoError('TRANSCRIPT_INVALID', { expected, got, next });
  };
  need(
    keys.length === key.keys * PAIR_BYTES,
    `${key.keys} pairs of ${PAIR_BYTES} bytes`,
    `${keys.length} bytes`,
  );
  for (let i = 0; i < key.keys; i++) {
    const usable = isUsablePair(pairAt(keys, i));
    need(
      usable,
      `usable X25519 and ML-KEM-768 keys of ${key.member}`,
      `keys ${i + 1} that no secret can be agreed with`,
    );
  }
  const tree = new PairTree(primitives, keys);
  need(equalBytes(tree.root(), fromHex(key.keysRoot, 32)), `pairs under the root ${key.keysRoot}`, 'others');
  return tree;
}

/**
 * Checks that a pair is the one that this committee member advertised for the contributor.
 * @param proof RFC 9162 inclusion proof, lowest first
 * @throws CryptoError TRANSCRIPT_INVALID
 */
export function verifyPair(
  primitives: PublicPrimitives,
  key: EphemeralPublic,
  roster: Roster,
  { contributor, pair, proof }: { contributor: string; pair: Uint8Array; proof: readonly Uint8Array[] },
): void {
  const index = pairIndex(roster, contributor);
  const claim = { root: fromHex(key.keysRoot, 32), leaf: pair, index, size: key.keys, proof };
  if (pair.length === PAIR_BYTES && verifyInclusion(primitives, claim)) return;
  throw new CryptoError('TRANSCRIPT_INVALID', {
    expected: `the pair of ${key.member} for ${contributor} under the root that ${key.member} signed`,
    got: 'another one',
    next: 'seal nothing to it; ask again, and if it stays so tell the consortium',
  });
}
