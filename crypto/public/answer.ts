import { fromBase64Url } from './encoding.ts';
import { hashObject } from './hash-object.ts';
import { CryptoError } from './errors.ts';
import type { ShareSum } from './key-shares.ts';
import { ANSWER_BYTES, N } from './params.ts';
import type { PublicPrimitives } from './primitives.ts';
import { MAX_COMMITTEE, memberOf } from './roster.ts';
import type { Roster } from './roster.ts';
import { unpackField } from './share-packing.ts';
import { base64url, checkShape, hash, identifier, integer } from './shape.ts';
import { checkSigned } from './signed.ts';
import { transcriptHash } from './transcript.ts';
import type { Transcript } from './transcript.ts';

/** A committee member's one message of the opening: its share of the key sum over S. */
export type Answer = {
  readonly consortium: string;
  readonly round: number;
  readonly member: string;
  readonly committeeIndex: number;
  readonly transcriptHash: string;
  readonly setHash: string;
  /** base64url of 4,096 sums, 17 bits each: 8,704 bytes */
  readonly shares: string;
  readonly signature: string;
};

/**
 * SHA-256 over the pairs (member, manifest hash), ascending member id, under the domain `cordon/v1/set`; hex. The order
 * in which they came does not matter.
 */
export function setHash(
  primitives: PublicPrimitives,
  set: readonly { readonly member: string; readonly manifestHash: string }[],
): string {
  const pairs = set.map(({ member, manifestHash }) => [member, manifestHash] as const);
  pairs.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return hashObject(primitives, 'cordon/v1/set', pairs);
}

/** Shape alone: what a journal or a decoder can check. @throws CryptoError ANSWER_INVALID */
export function checkAnswerShape(answer: Answer): void {
  checkShape('ANSWER_INVALID', 'answer', answer, {
    consortium: identifier,
    round: integer(0),
    member: identifier,
    committeeIndex: integer(1, MAX_COMMITTEE),
    transcriptHash: hash,
    setHash: hash,
    shares: base64url(ANSWER_BYTES),
    signature: base64url(64),
  });
}

/**
 * Checks that a committee member of this round signed this answer for this transcript and this set.
 * @param expectedSet the set hash that the verifier computed from the log
 * @param digest hash of this transcript, for callers that have computed it
 * @returns its sums, decoded
 * @throws CryptoError ANSWER_INVALID, SIGNATURE_INVALID
 */
export function verifyAnswer(
  primitives: PublicPrimitives,
  answer: Answer,
  transcript: Transcript,
  expectedSet: string,
  roster: Roster,
  digest: string = transcriptHash(primitives, transcript),
): ShareSum {
  checkAnswerShape(answer);
  const need = (ok: boolean, expected: string, got: string): void => {
    if (!ok) refuse(expected, got);
  };
  need(answer.transcriptHash === digest, `transcript ${digest}`, answer.transcriptHash);
  const place = (of: { consortium: string; round: number }): string => `${of.consortium}, round ${of.round}`;
  need(place(answer) === place(transcript), place(transcript), place(answer));
  need(answer.setHash === expectedSet, `set ${expectedSet}`, answer.setHash);
  const seat = transcript.committee.find((key) => key.committeeIndex === answer.committeeIndex)?.member;
  need(
    seat === answer.member,
    `${seat ?? 'nobody'} as committee member ${answer.committeeIndex}`,
    answer.member,
  );
  checkSigned(primitives, memberOf(roster, answer.member).signKey, 'cordon/v1/answer', answer, {
    who: answer.member,
    what: 'its answer',
  });
  // In the log it would keep everybody from opening, though the others have answered well.
  try {
    return shareSumOf(answer);
  } catch {
    return refuse(`${N} elements of the field of ${answer.member}`, 'a greater one');
  }
}

/** The sums of an answer, decoded. @throws CryptoError ENCODING_INVALID */
export function shareSumOf({ committeeIndex, shares }: Answer): ShareSum {
  return { committeeIndex, shareSum: unpackField(fromBase64Url(shares), N) };
}

function refuse(expected: string, got: string): never {
  throw new CryptoError('ANSWER_INVALID', {
    expected,
    got,
    next: 'leave it out; open with the answers of others',
  });
}
