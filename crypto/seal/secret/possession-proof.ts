import { CryptoError } from '../../public/errors.ts';
import { uint32ToBytes } from '../../public/encoding.ts';
import type { RandomBytes } from '../../public/primitives.ts';
import type { JointSession } from '../public/joint-session.ts';
import {
  challengeSeed,
  expandChallenge,
  MASK_BITS,
  proofBytes,
  RESPONSE_BOUND,
} from '../public/possession.ts';
import { centreSmall, liftSmall } from '../public/residues.ts';
import type { Multiplier } from '../public/rns-ring.ts';
import { sampleMask } from './small-noise.ts';

/** A try is thrown away about once in eight times for N = 16,384; so many in a row mean that the random source is broken. */
const MAX_TRIES = 64;

/**
 * Proves possession of (s, e) with b = -(a*s + e); the protocol and what it shows stand in `public/possession.ts`.
 * @param timesSecret multiplies by s; @param error e
 * @returns seed, z_s, z_e
 */
export function provePossession(
  session: JointSession,
  member: string,
  keyHash: string,
  timesSecret: Multiplier,
  error: Int32Array,
  random: RandomBytes,
): Uint8Array {
  const { ring, parameters } = session.context;
  const { degree } = parameters;
  const one = ring.primes.slice(0, 1); // z_s is small: one prime tells it
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const ys = sampleMask(random, degree, MASK_BITS);
    const ye = sampleMask(random, degree, MASK_BITS);
    const [yeHat, ysHat] = ring.toNtt(liftSmall(ye, ring.primes), liftSmall(ys, ring.primes));
    const w = session.timesCommon.apply(yeHat, ysHat);
    const seed = challengeSeed(session, member, keyHash, w);
    const challenge = expandChallenge(session.primitives, seed, degree);

    const [ysOne, cOne] = ring.toNtt(liftSmall(ys, one), liftSmall(challenge, one));
    const [zsResidues] = ring.fromNtt(timesSecret.apply(ysOne, cOne), cOne);
    const zs = centreSmall(zsResidues, degree, one[0] ?? 1n);
    const ze = addProduct(ye, challenge, error);
    const accepted = largest(zs) < RESPONSE_BOUND && largest(ze) < RESPONSE_BOUND;
    const proof = new Uint8Array(proofBytes(degree));
    if (accepted) {
      proof.set(seed);
      proof.set(uint32ToBytes(zs), 32);
      proof.set(uint32ToBytes(ze), 32 + 4 * degree);
    }
    // what was not sent would show s and e
    for (const secret of [ys, ye, zs, ze]) secret.fill(0);
    for (const secret of [yeHat, ysHat, ysOne, zsResidues]) secret.fill(0n);
    if (accepted) return proof;
  }
  throw new CryptoError('VALUE_OUT_OF_RANGE', {
    expected: 'randomness that lets a proof succeed',
    got: `${MAX_TRIES} failures in a row`,
    next: 'look at the random source; make no key with it',
  });
}

/** y + c*e in Z[X]/(X^N + 1); c is public and sparse, and no branch or index depends on e. */
function addProduct(y: Int32Array, c: Int32Array, e: Int32Array): Int32Array {
  const sum = Int32Array.from(y);
  const n = sum.length;
  c.forEach((sign, shift) => {
    if (sign === 0) return;
    for (let i = 0; i < n; i++) {
      const at = i + shift;
      const wrapped = at >= n ? -sign : sign;
      sum[at & (n - 1)] = (sum[at & (n - 1)] ?? 0) + wrapped * (e[i] ?? 0);
    }
  });
  return sum;
}

function largest(values: Int32Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
