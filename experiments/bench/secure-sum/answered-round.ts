import { type KeyObject, createPublicKey, verify } from 'node:crypto';
import { join } from 'node:path';
import { durableFiles } from '../../../crypto/identity/durable-file.ts';
import { nodePrimitives } from '../../../crypto/identity/node-primitives.ts';
import { type Answer, setHash } from '../../../crypto/public/answer.ts';
import type { JsonObject } from '../../../crypto/public/canonical.ts';
import {
  appendEntry,
  EMPTY_LOG,
  headOf,
  type LogKind,
  type SignedLogEntry,
} from '../../../crypto/public/log.ts';
import { manifestHash } from '../../../crypto/public/manifest.ts';
import type { PublicPrimitives } from '../../../crypto/public/primitives.ts';
import { RoundRecord } from '../../../crypto/public/round-record.ts';
import { toSpkiPem } from '../../../crypto/public/spki.ts';
import { AnswerJournal } from '../../../crypto/secret/answer-journal.ts';
import { answerRound } from '../../../crypto/secret/committee-answer.ts';
import { TestedShares } from '../../../crypto/secret/tested-shares.ts';
import { type BenchRound, benchRound, keyOf } from './bench-federation.ts';
import { type Contribution, contribute } from './contribution.ts';
import { plainSum, seededValues } from './seeded-values.ts';

/** A closed round, ready for its committee to answer. */
export interface ClosedRound {
  readonly round: BenchRound;
  readonly contributions: readonly Contribution[];
  readonly entries: readonly SignedLogEntry[];
  /** The plain sum of what was encrypted. */
  readonly expected: Uint32Array;
}

export interface AnsweredRound extends ClosedRound {
  readonly answers: readonly Answer[];
}

/** Everybody contributes seeded values, encrypted for real. */
export function closedRound(members: number, length: number): ClosedRound {
  const round = benchRound(members, length);
  const vectors = round.roster.members.map(({ index }) => seededValues(length, index));
  const contributions = round.roster.members.map(({ id }, i) =>
    contribute(round, id, vectors[i] ?? new Uint32Array()),
  );
  return { round, contributions, entries: logOf(round, contributions), expected: plainSum(vectors) };
}

function logOf(
  { transcript, hash, coordinator }: BenchRound,
  contributions: readonly Contribution[],
): SignedLogEntry[] {
  const set = contributions.map(({ member, manifest }) => ({
    member,
    manifestHash: manifestHash(nodePrimitives, manifest),
  }));
  const digest = setHash(nodePrimitives, set);
  const steps: [LogKind, JsonObject][] = [
    ['announce', { transcript, transcriptHash: hash }],
    ...contributions.map(({ manifest }): [LogKind, JsonObject] => [
      'upload',
      { manifest, manifestHash: manifestHash(nodePrimitives, manifest) },
    ]),
    ['close', { run: transcript.run, round: transcript.round, transcriptHash: hash }],
    ['checked', { run: transcript.run, round: transcript.round, transcriptHash: hash, setHash: digest }],
  ];
  let head = EMPTY_LOG;
  return steps.map(([kind, body], i) => {
    const entry = appendEntry(nodePrimitives, coordinator.sign, head, { time: i, kind, body });
    head = headOf(entry);
    return entry;
  });
}

/** One committee member of a closed round that has taken part in it and now reads on in the log. */
export interface Seat {
  readonly closed: ClosedRound;
  /** Position in the committee, from 0. */
  readonly place: number;
  /** The round as far as its announcement, which every member has verified before it trained. */
  readonly record: RoundRecord;
}

/** @param place position in the committee, from 0; each answers once */
export function seatOf(closed: ClosedRound, place: number): Seat {
  const { round, entries } = closed;
  return {
    closed,
    place,
    record: new RoundRecord(forgetful(), round.roster, round.hash, entries[0]?.entry),
  };
}

/**
 * All that one committee member does for the opening: S from the log with every manifest verified, each share checked
 * against its manifest, opened and tested, the sum, signature, journal on disk.
 * @param folder for the journal
 */
export async function answer({ closed, place, record }: Seat, folder: string): Promise<Answer> {
  const { round, contributions, entries } = closed;
  const { roster } = round;
  const key = round.ephemerals[place];
  const member = roster.committee[place];
  if (key === undefined || member === undefined) throw new Error(`no committee member in place ${place}`);
  const sealed = new Map(contributions.map((one) => [one.member, one.sealed[place] ?? new Uint8Array()]));
  const { sign } = keyOf(round.keys, member);
  for (const { entry } of entries.slice(1)) record.accept(entry);
  const set = record.requireSet();
  const tested = TestedShares.test(
    { primitives: nodePrimitives, roster, sign },
    { closed: set, key, sealed },
  );
  const journal = new AnswerJournal(join(folder, `${round.hash}-${place}`), durableFiles);
  return answerRound({ primitives: nodePrimitives, sign, journal }, { set, tested });
}

/** Primitives that verify every signature, as a process does that has not met it: here all members are one process. */
function forgetful(): PublicPrimitives {
  return {
    ...nodePrimitives,
    verifyEd25519: (publicKey, message, signature) => {
      const name = Buffer.from(publicKey).toString('base64');
      const key = imported.get(name) ?? createPublicKey(toSpkiPem('ed25519', publicKey));
      imported.set(name, key);
      return verify(null, message, key, signature);
    },
  };
}

/** Long-term keys are parsed once in the life of a process. */
const imported = new Map<string, KeyObject>();

/** A closed round that the whole committee has answered. */
export async function answeredRound(members: number, length: number, folder: string): Promise<AnsweredRound> {
  const closed = closedRound(members, length);
  const answers = [];
  for (const place of closed.round.ephemerals.keys()) {
    answers.push(await answer(seatOf(closed, place), folder));
  }
  return { ...closed, answers };
}
