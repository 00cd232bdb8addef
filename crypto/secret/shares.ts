import { CryptoError } from '../public/errors.ts';
import { packShare, unpackShare } from '../public/key-shares.ts';
import { lagrangeFactors } from '../public/lagrange.ts';
import { N, SHARE_BYTES, SHARE_PRIME } from '../public/params.ts';
import type { RandomBytes } from '../public/primitives.ts';
import { secretKeyStream } from './key-stream.ts';
import { combineSecretField } from './kernels/ring.ts';

/** First byte of a share's plaintext: what follows it. */
const KIND_SEED = 1; // 32 bytes, expanded by `expandSeed`
const KIND_VECTOR = 2; // 8,704 bytes, 17 bits an element
const SEED_BYTES = 32;

/** One committee member's share before it is sealed to that member. */
export interface SecretShare {
  /** Shamir x-coordinate: the member's position in the committee, from 1. */
  readonly committeeIndex: number;
  /** Kind byte, then seed or vector: 33 or 8,705 bytes. The caller wipes it after sealing. */
  readonly plaintext: Uint8Array;
}

/**
 * Shares 4,096 secrets t-of-m over F_131071 (Shamir 1979), coefficient by coefficient.
 *
 * The polynomial is fixed by the secret at 0 and by t - 1 uniform shares, which are seeds: the first t - 1 recipients
 * get 32 bytes, each its own; the others get the polynomial's value at their index. Any t - 1 shares are therefore
 * independent of the secret (computationally where they are seeds: AES-256 as a generator).
 * @param secret 4,096 elements of F_131071; the caller wipes it
 * @param committee distinct indices from 1, ascending; those that advertised
 * @throws CryptoError COMMITTEE_UNAVAILABLE for fewer recipients than t, VALUE_OUT_OF_RANGE for t < 2 or bad indices
 */
export function shareSecret(
  random: RandomBytes,
  secret: Uint32Array,
  threshold: number,
  committee: readonly number[],
): SecretShare[] {
  checkCommittee(threshold, committee);
  const seeded = committee.slice(0, threshold - 1);
  const seeds = seeded.map(() => random(SEED_BYTES));
  const vectors = seeds.map((seed) => expandSeed(seed));
  const shares = seeded.map((committeeIndex, j) => ({
    committeeIndex,
    plaintext: tagged(KIND_SEED, seeds[j] ?? new Uint8Array()),
  }));
  const points = [0, ...seeded];
  for (const committeeIndex of committee.slice(threshold - 1)) {
    const factors = lagrangeFactors(points, committeeIndex);
    const value = combineSecretField([secret, ...vectors].map((v, j) => [factors[j] ?? 0, v] as const));
    const bytes = packShare(value);
    shares.push({ committeeIndex, plaintext: tagged(KIND_VECTOR, bytes) });
    bytes.fill(0);
    value.fill(0);
  }
  for (const secretBytes of [...seeds, ...vectors]) secretBytes.fill(0);
  return shares;
}

/**
 * A share as its recipient uses it: 4,096 elements of F_131071.
 * @param plaintext as in `SecretShare`
 * @throws CryptoError SHARE_INVALID for another kind or length, or an element outside the field
 */
export function expandShare(plaintext: Uint8Array): Uint32Array {
  const kind = plaintext[0];
  const body = plaintext.subarray(1);
  if (kind === KIND_SEED && body.length === SEED_BYTES) return expandSeed(body);
  if (kind === KIND_VECTOR && body.length === SHARE_BYTES) {
    try {
      return unpackShare(body);
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      throw shareInvalid(error.got);
    }
  }
  throw shareInvalid(`kind ${kind ?? 'none'} with ${body.length} bytes`);
}

/**
 * The sum of shares, which is a share of the sum of the keys: what a committee member answers with.
 * @param shares of 4,096 elements each; an iterable, so that one expanded share is in memory at a time
 * @throws CryptoError SHAPE_MISMATCH for another length
 */
export function sumShares(shares: Iterable<Uint32Array>): Uint32Array {
  return combineSecretField(ones(shares));
}

function* ones(shares: Iterable<Uint32Array>): Generator<readonly [number, Uint32Array]> {
  for (const share of shares) yield [1, share];
}

/**
 * Uniform field elements of a seed: AES-256-CTR under it from a zero block, little-endian 32-bit words, lower 17 bits,
 * kept where below 131071. That a word was rejected depends on words that are then not used, so the branch tells nothing.
 */
function expandSeed(seed: Uint8Array): Uint32Array {
  const out = new Uint32Array(N);
  for (let words = N + 16; ; words += 16) {
    const stream = secretKeyStream(seed, new Uint8Array(16), words * 4);
    const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
    let found = 0;
    for (let i = 0; i < words && found < N; i++) {
      const element = view.getUint32(i * 4, true) & SHARE_PRIME;
      if (element !== SHARE_PRIME) out[found++] = element;
    }
    stream.fill(0);
    if (found === N) return out;
  }
}

function tagged(kind: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + body.length);
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

function shareInvalid(got: string): CryptoError {
  return new CryptoError('SHARE_INVALID', {
    expected: 'a kind byte and a seed of 32 bytes or a packed vector of 8,704 bytes in the field',
    got,
    next: 'complain about this contributor',
  });
}
