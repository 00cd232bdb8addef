import { utf8 } from '../../public/canonical.ts';
import { bytesToUint32, equalBytes, fromHex } from '../../public/encoding.ts';
import { CryptoError } from '../../public/errors.ts';
import type { PublicPrimitives } from '../../public/primitives.ts';
import type { JointSession } from './joint-session.ts';
import { ERROR_BOUND } from './parameters.ts';
import { bytesOf, liftSmall } from './residues.ts';
import type { Residues } from './residues.ts';

/**
 * Proof of possession of a short (s, e) with b = -(a*s + e): Fiat-Shamir with aborts (Lyubashevsky 2009, 2012), over the
 * same ring and all primes.
 *
 *   prover:   y_s, y_e uniform in [-2^27, 2^27)^N, w = a*y_s + y_e, c = H(statement, w),
 *             z_s = y_s + c*s, z_e = y_e + c*e; anew unless all |z| < 2^27 - 24*21
 *   verifier: |z| small and c = H(statement, a*z_s + z_e + c*b)
 *
 * c has 24 coefficients of +-1 (more than 2^256 of them for N = 8,192). The z that are sent are uniform whatever s and e
 * are. Soundness is the usual relaxed one: in the random oracle model whoever makes proofs knows short s', e', c' with
 * c'*b = -(a*s' + e') (norms up to 2^28, c' a difference of two challenges), not that s and e are as short as an honest
 * member's. The confidentiality of joint encryption does not rest on it (commitments do that, see README); it shows that
 * b is a key somebody holds, and keeps accidents and copied keys out.
 */
export const MASK_BITS = 27;
export const CHALLENGE_WEIGHT = 24;
/** |c*s|, |c*e| are at most this. */
export const SHIFT_BOUND = CHALLENGE_WEIGHT * ERROR_BOUND;
/** z is accepted strictly below. */
export const RESPONSE_BOUND = 2 ** MASK_BITS - SHIFT_BOUND;

const HASH_DOMAIN = utf8('cordon/v1/joint-key-proof\u0000');
const ZERO_BLOCK = new Uint8Array(16);

/** seed of c (32 bytes), z_s, z_e (N signed 32-bit numbers each, little-endian) */
export function proofBytes(degree: number): number {
  return 32 + 8 * degree;
}

/** The seed of the challenge: SHA-256 of transcript, member, key and w (NTT form, little-endian words). */
export function challengeSeed(
  session: JointSession,
  member: string,
  keyHash: string,
  w: Residues,
): Uint8Array {
  const name = utf8(member);
  return session.primitives.sha256(
    HASH_DOMAIN,
    fromHex(session.hash, 32),
    fromHex(keyHash, 32),
    Uint8Array.of(name.length),
    name,
    bytesOf(w),
  );
}

/**
 * Expands c from its seed: 24 different places, each with a sign; AES-256-CTR under the seed, 32-bit words, one a place (low
 * bits; N is a power of two), top bit its sign, places that were drawn before left out.
 * @returns Int32Array(N)
 */
export function expandChallenge(primitives: PublicPrimitives, seed: Uint8Array, degree: number): Int32Array {
  const challenge = new Int32Array(degree);
  const words = bytesToUint32(primitives.aes256ctr(seed, ZERO_BLOCK, 4 * 16 * CHALLENGE_WEIGHT));
  let weight = 0;
  for (const word of words) {
    const place = word % degree;
    if (weight === CHALLENGE_WEIGHT || challenge[place] !== 0) continue;
    challenge[place] = word >= 2 ** 31 ? -1 : 1;
    weight++;
  }
  return challenge;
}

/**
 * Verifies a proof for the key b (NTT form) of a member.
 * @throws CryptoError JOINT_KEY_INVALID
 */
export function verifyPossession(
  session: JointSession,
  member: string,
  keyHash: string,
  key: Residues,
  proof: Uint8Array,
): void {
  const { ring, parameters } = session.context;
  const { degree } = parameters;
  if (proof.length !== proofBytes(degree)) fail(member);
  const seed = proof.subarray(0, 32);
  const z = new Int32Array(bytesToUint32(proof.subarray(32)));
  if (z.some((value) => Math.abs(value) >= RESPONSE_BOUND)) fail(member);
  const zs = z.subarray(0, degree);
  if (zs.every((value) => value === 0)) fail(member);
  const challenge = liftSmall(expandChallenge(session.primitives, seed, degree), ring.primes);
  const [ze, zsHat] = ring.toNtt(liftSmall(z.subarray(degree), ring.primes), liftSmall(zs, ring.primes));
  const [challengeHat] = ring.toNtt(challenge, challenge);
  using timesKey = ring.multiplier(key);
  const w = timesKey.apply(session.timesCommon.apply(ze, zsHat), challengeHat);
  if (!equalBytes(challengeSeed(session, member, keyHash, w), seed)) fail(member);
}

function fail(member: string): never {
  throw new CryptoError('JOINT_KEY_INVALID', {
    expected: `a proof that ${member} knows a short secret of its key`,
    got: 'one that does not verify',
    next: `begin a new query; if it happens again, without ${member}`,
  });
}
