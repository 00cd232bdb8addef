import { checkSigned } from './signed.ts';
import { fromBase64Url } from './encoding.ts';
import { CryptoError } from './errors.ts';
import type { PublicPrimitives } from './primitives.ts';
import { memberOf, MAX_COMMITTEE } from './roster.ts';
import type { Roster } from './roster.ts';
import { base64url, checkShape, identifier, integer } from './shape.ts';

/** Raw sizes of X25519 (RFC 7748) and ML-KEM-768 (FIPS 203, table 3). */
export const X25519_BYTES = 32;
export const MLKEM768_PUBLIC_BYTES = 1184;
export const MLKEM768_CIPHERTEXT_BYTES = 1088;

/** What a committee member advertises for one round: a key that serves one transcript. */
export type EphemeralPublic = {
  readonly consortium: string;
  readonly epoch: number;
  readonly round: number;
  readonly member: string;
  /** 1..m, the Shamir x-coordinate */
  readonly committeeIndex: number;
  /** base64url */
  readonly x25519: string;
  /** base64url */
  readonly mlkem768: string;
  /** by the member's long-term key over all other fields */
  readonly signature: string;
};

/**
 * Checks that the committee member of that index in this roster advertised this key, and that shares can be sealed to it:
 * one that cannot be used would stop every honest contributor.
 * @throws CryptoError TRANSCRIPT_INVALID, SIGNATURE_INVALID
 */
export function verifyEphemeral(primitives: PublicPrimitives, key: EphemeralPublic, roster: Roster): void {
  checkShape('TRANSCRIPT_INVALID', 'ephemeral', key, {
    consortium: identifier,
    epoch: integer(0),
    round: integer(0),
    member: identifier,
    committeeIndex: integer(1, MAX_COMMITTEE),
    x25519: base64url(X25519_BYTES),
    mlkem768: base64url(MLKEM768_PUBLIC_BYTES),
    signature: base64url(64),
  });
  const expected = `${roster.consortium}, epoch ${roster.epoch}, committee member ${key.committeeIndex}`;
  const seat = roster.committee[key.committeeIndex - 1];
  if (key.consortium !== roster.consortium || key.epoch !== roster.epoch || key.member !== seat) {
    throw new CryptoError('TRANSCRIPT_INVALID', {
      expected: `an ephemeral key of ${expected}`,
      got: `one of ${key.consortium}, epoch ${key.epoch}, ${key.member}`,
      next: 'refuse it; the member must advertise a key for this epoch and its own index',
    });
  }
  checkSigned(primitives, memberOf(roster, key.member).signKey, 'cordon/v1/ephemeral', key, {
    who: key.member,
    what: 'its ephemeral key',
  });
  if (primitives.usableKeys(fromBase64Url(key.x25519), fromBase64Url(key.mlkem768))) return;
  throw new CryptoError('TRANSCRIPT_INVALID', {
    expected: `usable X25519 and ML-KEM-768 keys of ${key.member}`,
    got: 'keys that no secret can be agreed with',
    next: `refuse them; ${key.member} must advertise new keys`,
  });
}
