import { checkSigned } from './signed.ts';
import { CryptoError } from './errors.ts';
import type { PublicPrimitives } from './primitives.ts';
import { memberOf, MAX_COMMITTEE } from './roster.ts';
import type { Roster } from './roster.ts';
import { base64url, checkShape, hash, identifier, integer } from './shape.ts';

/**
 * What a committee member advertises for one round: one key pair for every member of the roster, so that a complaint
 * about one contributor reveals the secret of that pair and of nothing else. The pairs travel beside it
 * (`pair-keys.ts`); they serve one transcript.
 */
export type EphemeralPublic = {
  readonly consortium: string;
  readonly epoch: number;
  readonly round: number;
  readonly member: string;
  /** 1..m, the Shamir x-coordinate */
  readonly committeeIndex: number;
  /** Pairs, one a member of the roster in the order of their indices. */
  readonly keys: number;
  /** RFC 9162 Merkle root over the pairs, 1,216 bytes each; hex */
  readonly keysRoot: string;
  /** by the member's long-term key over all other fields */
  readonly signature: string;
};

/**
 * Checks that the committee member of that index in this roster advertised these keys.
 * @throws CryptoError TRANSCRIPT_INVALID, SIGNATURE_INVALID
 */
export function verifyEphemeral(primitives: PublicPrimitives, key: EphemeralPublic, roster: Roster): void {
  checkShape('TRANSCRIPT_INVALID', 'ephemeral', key, {
    consortium: identifier,
    epoch: integer(0),
    round: integer(0),
    member: identifier,
    committeeIndex: integer(1, MAX_COMMITTEE),
    keys: integer(1),
    keysRoot: hash,
    signature: base64url(64),
  });
  const n = roster.members.length;
  const expected = `${roster.consortium}, epoch ${roster.epoch}, committee member ${key.committeeIndex}`;
  const seat = roster.committee[key.committeeIndex - 1];
  if (key.consortium !== roster.consortium || key.epoch !== roster.epoch || key.member !== seat) {
    throw new CryptoError('TRANSCRIPT_INVALID', {
      expected: `an ephemeral key of ${expected}`,
      got: `one of ${key.consortium}, epoch ${key.epoch}, ${key.member}`,
      next: 'refuse it; the member must advertise a key for this epoch and its own index',
    });
  }
  if (key.keys !== n) {
    throw new CryptoError('TRANSCRIPT_INVALID', {
      expected: `${n} pairs of keys, one a member`,
      got: `${key.keys} of ${key.member}`,
      next: 'refuse it; the member must advertise one for everybody',
    });
  }
  checkSigned(primitives, memberOf(roster, key.member).signKey, 'cordon/v1/ephemeral', key, {
    who: key.member,
    what: 'its ephemeral key',
  });
}
