import { CryptoError } from '../public/errors.ts';
import { lagrangeFactors } from '../public/lagrange.ts';
import { combineShare, packLowDegree } from '../public/low-degree.ts';
import { MASKS, N, SHARE_ELEMENTS, SHARE_PRIME } from '../public/params.ts';
import type { PublicPrimitives, RandomBytes } from '../public/primitives.ts';
import { packField } from '../public/share-packing.ts';
import { KIND_SEED, KIND_VECTOR, SHARE_SEED_BYTES, expandSeed } from '../public/share-plaintext.ts';
import { wipeableBytes } from '../public/wipeable.ts';
import { combineSecretField } from './kernels/ring.ts';

/** One committee member's share before it is sealed to that member. */
export interface SecretShare {
  /** Shamir x-coordinate: the member's position in the committee, from 1. */
  readonly committeeIndex: number;
  /** Kind byte, then seed or vector: 33 or 8,722 bytes. */
  readonly plaintext: Uint8Array;
}

/** A secret shared with a committee: the shares, and what proves that they fit together. The caller wipes it. */
export class Sharing {
  readonly shares: readonly SecretShare[];
  /** Shares of the first t recipients, expanded: they fix the polynomials. */
  readonly #basis: readonly Uint32Array[];

  constructor(shares: readonly SecretShare[], basis: readonly Uint32Array[]) {
    this.shares = shares;
    this.#basis = basis;
  }

  /** What the manifest publishes for the low-degree test (`crypto/public/low-degree.ts`), for its challenge. */
  lowDegree(challenge: Uint8Array): string {
    return packLowDegree(this.#basis.map((share) => combineShare(challenge, share)));
  }

  wipe(): void {
    for (const { plaintext } of this.shares) plaintext.fill(0);
    for (const share of this.#basis) share.fill(0);
  }
}

/**
 * Shares 4,096 secrets, and 8 masks made here, t-of-m over F_131071 (Shamir 1979), coefficient by coefficient.
 *
 * The polynomial is fixed by the secret at 0 and by t - 1 uniform shares, which are seeds: the first t - 1 recipients
 * get 32 bytes, each its own; the others get the polynomial's value at their index. Any t - 1 shares are therefore
 * independent of the secret (computationally where they are seeds: AES-256 as a generator).
 * @param secret 4,096 elements of F_131071; the caller wipes it
 * @param committee distinct indices from 1, ascending; those that advertised
 * @throws CryptoError COMMITTEE_UNAVAILABLE for fewer recipients than t, VALUE_OUT_OF_RANGE for t < 2 or bad indices
 */
export function shareSecret(
  primitives: PublicPrimitives,
  random: RandomBytes,
  secret: Uint32Array,
  threshold: number,
  committee: readonly number[],
): Sharing {
  checkCommittee(threshold, committee);
  const masked = withMasks(primitives, random, secret);
  const seeded = committee.slice(0, threshold - 1);
  const seeds = seeded.map(() => random(SHARE_SEED_BYTES));
  const vectors = seeds.map((seed) => expandSeed(primitives, seed, new Uint32Array(SHARE_ELEMENTS)));
  const shares = seeded.map((committeeIndex, j) => ({
    committeeIndex,
    plaintext: tagged(KIND_SEED, seeds[j] ?? new Uint8Array()),
  }));
  const points = [0, ...seeded];
  const basis = [...vectors];
  for (const committeeIndex of committee.slice(threshold - 1)) {
    const factors = lagrangeFactors(points, committeeIndex);
    const value = combineVectors([masked, ...vectors].map((v, j) => [factors[j] ?? 0, v] as const));
    const bytes = packField(value);
    shares.push({ committeeIndex, plaintext: tagged(KIND_VECTOR, bytes) });
    bytes.fill(0);
    if (basis.length < threshold) basis.push(value);
    else value.fill(0);
  }
  for (const secretBytes of [...seeds, masked]) secretBytes.fill(0);
  return new Sharing(shares, basis);
}

/**
 * The sum of shares of keys, which is a share of the sum of the keys: what a committee member answers with.
 * @param shares of 4,096 elements each, with their factors; an iterable, so that one is in memory at a time
 * @throws CryptoError SHAPE_MISMATCH for another length
 */
export function sumShares(shares: Iterable<readonly [factor: number, elements: Uint32Array]>): Uint32Array {
  return combineSecretField(shares);
}

/** A share is added, or taken away again. */
export const ADD = 1;
export const TAKE_AWAY = SHARE_PRIME - 1;

function withMasks(primitives: PublicPrimitives, random: RandomBytes, secret: Uint32Array): Uint32Array {
  const seed = random(SHARE_SEED_BYTES);
  const masks = expandSeed(primitives, seed, new Uint32Array(wipeableBytes(4 * MASKS).buffer));
  const masked = new Uint32Array(SHARE_ELEMENTS);
  masked.set(secret);
  masked.set(masks, N);
  for (const part of [seed, masks]) part.fill(0);
  return masked;
}

/** A linear combination of vectors of 4,104 elements: the kernel takes 4,096, the masks are a handful. */
function combineVectors(terms: readonly (readonly [factor: number, vector: Uint32Array])[]): Uint32Array {
  const out = new Uint32Array(SHARE_ELEMENTS);
  const keys = combineSecretField(terms.map(([factor, vector]) => [factor, vector.subarray(0, N)] as const));
  out.set(keys);
  keys.fill(0);
  for (let i = N; i < SHARE_ELEMENTS; i++) {
    // at most 15 products of 34 bits
    out[i] = terms.reduce((sum, [factor, vector]) => sum + factor * (vector[i] ?? 0), 0) % SHARE_PRIME;
  }
  return out;
}

function tagged(kind: number, body: Uint8Array): Uint8Array {
  const bytes = wipeableBytes(1 + body.length);
  bytes[0] = kind;
  bytes.set(body, 1);
  return bytes;
}

function checkCommittee(threshold: number, committee: readonly number[]): void {
  const ascending = committee.every(
    (index, j) =>
      Number.isInteger(index) && index >= 1 && index < SHARE_PRIME && index > (committee[j - 1] ?? 0),
  );
  if (!Number.isInteger(threshold) || threshold < 2 || !ascending) {
    throw new CryptoError('VALUE_OUT_OF_RANGE', {
      expected: 'a threshold of at least 2 and distinct ascending committee indices from 1',
      got: `threshold ${threshold}, indices ${committee.join(', ')}`,
      next: 'take both from the verified transcript and roster',
    });
  }
  if (committee.length < threshold) {
    throw new CryptoError('COMMITTEE_UNAVAILABLE', {
      expected: `${threshold} committee members`,
      got: String(committee.length),
      next: 'wait until more of the committee have advertised',
    });
  }
}
