import { CryptoError } from '../../public/errors.ts';
import { hashObject } from '../../public/hash-object.ts';
import type { PublicPrimitives } from '../../public/primitives.ts';
import { checkRoster, memberOf, rosterHash } from '../../public/roster.ts';
import type { Roster } from '../../public/roster.ts';
import { checkShape, hash, identifier, integer, label, list, oneOf } from '../../public/shape.ts';
import { PARAMETER_SETS } from './parameters.ts';
import type { ParameterSet } from './parameters.ts';
import { plan } from './plan.ts';
import type { Plan } from './plan.ts';

/** Most members of one joint key: every one of them has to be there, from the first message to the last. */
export const MAX_JOINT_MEMBERS = 15;
const MAX_CROSSINGS = 64;
const MAX_TERMS = 256;

/** Everything that is fixed about one query before a key is made; keys, ciphertexts and partials hang on its hash. */
export type JointTranscript = {
  readonly consortium: string;
  readonly epoch: number;
  readonly rosterHash: string;
  /** Names the query; never used twice. */
  readonly query: string;
  /** Ids in roster order; n of n. */
  readonly members: readonly string[];
  /** Whose signature says which ciphertext is opened. */
  readonly targetOwner: string;
  readonly parameters: ParameterSet;
  readonly crossings: number;
  readonly terms: number;
};

/** SHA-256 of the transcript under its domain, hex. */
export function jointTranscriptHash(primitives: PublicPrimitives, transcript: JointTranscript): string {
  return hashObject(primitives, 'cordon/v1/joint-key', transcript);
}

/**
 * Checks a transcript against the roster and computes what follows from it. That its query was never answered before is
 * the caller's to know.
 * @throws CryptoError TRANSCRIPT_INVALID, ROSTER_INVALID; CONFIG_INVALID where the use does not fit the parameters
 */
export function verifyJointTranscript(
  primitives: PublicPrimitives,
  transcript: JointTranscript,
  roster: Roster,
): Plan {
  checkRoster(roster);
  checkShape('TRANSCRIPT_INVALID', 'joint transcript', transcript, {
    consortium: identifier,
    epoch: integer(0),
    rosterHash: hash,
    query: label,
    members: list(2, MAX_JOINT_MEMBERS),
    targetOwner: identifier,
    parameters: oneOf(PARAMETER_SETS),
    crossings: integer(0, MAX_CROSSINGS),
    terms: integer(1, MAX_TERMS),
  });
  const { consortium, epoch, members, parameters, crossings, terms } = transcript;
  need(
    transcript.rosterHash === rosterHash(primitives, roster) &&
      consortium === roster.consortium &&
      epoch === roster.epoch,
    `a transcript of ${roster.consortium}, epoch ${roster.epoch}`,
    `one of ${consortium}, epoch ${epoch}, or of another roster`,
  );
  need(members.every(identifier.test), 'members by their ids', 'something else');
  const places = members.map((id) => memberOf(roster, id).index);
  need(
    places.every((place, i) => i === 0 || place > (places[i - 1] ?? 0)),
    'members in roster order, each once',
    'another order',
  );
  need(members.includes(transcript.targetOwner), 'a member as owner of the target', transcript.targetOwner);
  return plan(parameters, { members: members.length, crossings, terms });
}

function need(ok: boolean, expected: string, got: string): void {
  if (ok) return;
  throw new CryptoError('TRANSCRIPT_INVALID', { expected, got, next: 'refuse the query' });
}
