import { verifyEphemeral } from './ephemeral.ts';
import type { EphemeralPublic } from './ephemeral.ts';
import { CryptoError } from './errors.ts';
import { hashObject } from './hash-object.ts';
import { fits, LAYOUTS } from './params.ts';
import type { LayoutName } from './params.ts';
import type { PublicPrimitives } from './primitives.ts';
import { checkRoster, MAX_COMMITTEE, rosterHash } from './roster.ts';
import type { Roster } from './roster.ts';
import { checkShape, finite, hash, identifier, integer, label, list, nested, oneOf } from './shape.ts';

/** Longest vector: 2^31 values, far above any model here and inside every integer type used. */
const MAX_LENGTH = 2 ** 31;

/** Everything that a round's messages are bound to; the round's `a`, seals, manifests and answers hang on its hash. */
export type Transcript = {
  readonly consortium: string;
  readonly epoch: number;
  readonly rosterHash: string;
  readonly run: string;
  readonly round: number;
  readonly taskHash: string;
  readonly modelHash: string;
  /** Values in the vector. */
  readonly length: number;
  readonly layout: LayoutName;
  /** Width of one member's value before summing. */
  readonly valueBits: number;
  readonly quantiser: { readonly clipNorm: number; readonly bits: number };
  readonly dp: null;
  readonly groups: null;
  readonly kMin: number;
  readonly deadline: { readonly collectSeconds: number; readonly graceSeconds: number };
  /** Those that advertised, ascending committeeIndex. */
  readonly committee: readonly EphemeralPublic[];
};

/** SHA-256 of the transcript under its domain, signatures of the ephemeral keys included; hex. */
export function transcriptHash(primitives: PublicPrimitives, transcript: Transcript): string {
  return hashObject(primitives, 'cordon/v1/transcript', transcript);
}

function need(ok: boolean, expected: string, got: string): void {
  if (ok) return;
  throw new CryptoError('TRANSCRIPT_INVALID', {
    expected,
    got,
    next: 'refuse the round; the coordinator must announce one that obeys the rule',
  });
}

function checkFields(transcript: Transcript): void {
  checkShape('TRANSCRIPT_INVALID', 'transcript', transcript, {
    consortium: identifier,
    epoch: integer(0),
    rosterHash: hash,
    run: label,
    round: integer(0),
    taskHash: hash,
    modelHash: hash,
    length: integer(1, MAX_LENGTH),
    layout: oneOf(Object.keys(LAYOUTS)),
    valueBits: integer(1, 26),
    quantiser: nested,
    dp: oneOf([null]),
    groups: oneOf([null]),
    kMin: integer(3),
    deadline: nested,
    committee: list(1, MAX_COMMITTEE),
  });
  checkShape('TRANSCRIPT_INVALID', 'quantiser', transcript.quantiser, {
    clipNorm: finite(0),
    bits: integer(1, transcript.valueBits),
  });
  checkShape('TRANSCRIPT_INVALID', 'deadline', transcript.deadline, {
    collectSeconds: finite(0),
    graceSeconds: { ...finite(0), test: (value) => value === 0 || finite(0).test(value) },
  });
}

/**
 * Checks an announced transcript against the roster: its hash, every ephemeral key and signature, a committee that
 * can still open, k_min, and room in a slot for the values of all members.
 * @throws CryptoError TRANSCRIPT_INVALID, ROSTER_INVALID, SIGNATURE_INVALID
 */
export function verifyTranscript(primitives: PublicPrimitives, transcript: Transcript, roster: Roster): void {
  checkRoster(roster);
  checkFields(transcript);
  const { committee, kMin, layout, valueBits } = transcript;
  const n = roster.members.length;
  const place = (of: { consortium: string; epoch: number }): string => `${of.consortium}, epoch ${of.epoch}`;
  need(place(transcript) === place(roster), place(roster), place(transcript));
  const rosterDigest = rosterHash(primitives, roster);
  need(transcript.rosterHash === rosterDigest, `roster ${rosterDigest}`, transcript.rosterHash);
  need(
    committee.length >= roster.threshold,
    `at least ${roster.threshold} ephemeral keys`,
    `${committee.length}`,
  );
  need(kMin >= roster.kMin && kMin <= n, `kMin from ${roster.kMin} to ${n}`, String(kMin));
  need(
    fits(layout, valueBits, n),
    `slots of ${layout} that hold ${n} values of ${valueBits} bits`,
    'too little room for the sum',
  );
  let last = 0;
  for (const key of committee) {
    verifyEphemeral(primitives, key, roster);
    need(
      key.round === transcript.round,
      `ephemeral keys of round ${transcript.round}`,
      `round ${key.round} of ${key.member}`,
    );
    need(
      key.committeeIndex > last,
      'distinct committee indices in ascending order',
      `${key.committeeIndex} after ${last}`,
    );
    last = key.committeeIndex;
  }
}
