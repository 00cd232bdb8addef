import Type, { type Static } from 'typebox';
import { Task } from '../task.ts';
import { AnswerMessage } from './answer.ts';
import { AuditStatementMessage } from './audit-statement.ts';
import { ComplaintMessage } from './complaint.ts';
import {
  Base64Url,
  closed,
  Ed25519Key,
  Hash,
  MemberId,
  Name,
  RoundNumber,
  RunId,
  Signature,
  Text,
  Time,
} from './fields.ts';
import { ManifestMessage } from './manifest.ts';
import { KeyPartMessage, SealKeyMessage } from './task-key.ts';
import { TranscriptMessage } from './transcript.ts';

/** Bodies of the coordinator's append-only log, by kind. The log is the truth; messages only say that it grew. */
export const LOG_BODIES = {
  genesis: Type.Object({ consortium: MemberId, rosterHash: Hash, coordinatorKey: Ed25519Key }, closed),
  /** The roster of the next epoch is in force from here on; the roster itself is in the chain at `/v1/epochs`. */
  epoch: Type.Object(
    { epoch: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }), rosterHash: Hash, previous: Hash },
    closed,
  ),
  task: Type.Object({ run: RunId, taskHash: Hash, firstRound: RoundNumber, task: Task }, closed),
  /** Of a sketch task, before its first round: a member takes part in the run and shows what to seal its key to. */
  'seal-key': Type.Object({ sealKey: SealKeyMessage }, closed),
  /** Who gets the key of the run: all whose seal keys stand before this. */
  sealing: Type.Object({ run: RunId }, closed),
  'key-part': Type.Object({ part: KeyPartMessage }, closed),
  /** The parts before this make the key; its name follows from them. */
  keyed: Type.Object({ run: RunId, keyHash: Hash }, closed),
  announce: Type.Object({ transcriptHash: Hash, transcript: TranscriptMessage }, closed),
  upload: Type.Object({ manifestHash: Hash, manifest: ManifestMessage }, closed),
  close: Type.Object({ run: RunId, round: RoundNumber, transcriptHash: Hash }, closed),
  complaint: Type.Object({ complaint: ComplaintMessage }, closed),
  /** S stands: the manifests between announce and close, less those of contributors with a complaint before this. */
  checked: Type.Object({ run: RunId, round: RoundNumber, transcriptHash: Hash, setHash: Hash }, closed),
  answer: Type.Object({ answer: AnswerMessage }, closed),
  /** The sum of S, as the coordinator opened it; it counts once it is audited. */
  opened: Type.Object(
    {
      run: RunId,
      round: RoundNumber,
      transcriptHash: Hash,
      setHash: Hash,
      members: Type.Integer({ minimum: 1, maximum: 1024 }),
      keySum: Base64Url(4 * 4096),
      /** RFC 9162 root over the chunks of values, each a leaf of 32-bit little-endian numbers. */
      sumRoot: Hash,
      sumHash: Hash,
      sumBytes: Type.Integer({ minimum: 4 }),
    },
    closed,
  ),
  audit: Type.Object({ statement: AuditStatementMessage }, closed),
  /** The opened sum is audited and counts from here on, and with it the next model. */
  publish: Type.Object(
    {
      run: RunId,
      round: RoundNumber,
      transcriptHash: Hash,
      /** Contributors in the sum; who they are follows from the log, and the hash says that both sides mean the same. */
      members: Type.Integer({ minimum: 1, maximum: 1024 }),
      setHash: Hash,
      sumHash: Hash,
      modelHash: Hash,
    },
    closed,
  ),
  abort: Type.Object(
    { run: RunId, round: RoundNumber, code: Name, expected: Text, got: Text, next: Text },
    closed,
  ),
  finish: Type.Object({ run: RunId, rounds: Type.Integer({ minimum: 1 }), modelHash: Hash }, closed),
} as const;
export type LogKind = keyof typeof LOG_BODIES;
export type LogBody<K extends LogKind> = Static<(typeof LOG_BODIES)[K]>;

const entryOf = <K extends LogKind>(kind: K) =>
  Type.Object(
    {
      entry: Type.Object(
        {
          index: Type.Integer({ minimum: 0 }),
          prev: Hash,
          time: Time,
          kind: Type.Literal(kind),
          body: LOG_BODIES[kind],
        },
        closed,
      ),
      hash: Hash,
      signature: Signature,
    },
    closed,
  );

export const SignedLogEntryMessage = Type.Union([
  entryOf('genesis'),
  entryOf('epoch'),
  entryOf('task'),
  entryOf('seal-key'),
  entryOf('sealing'),
  entryOf('key-part'),
  entryOf('keyed'),
  entryOf('announce'),
  entryOf('upload'),
  entryOf('close'),
  entryOf('complaint'),
  entryOf('checked'),
  entryOf('answer'),
  entryOf('opened'),
  entryOf('audit'),
  entryOf('publish'),
  entryOf('abort'),
  entryOf('finish'),
]);
export type SignedLogEntryMessage = Static<typeof SignedLogEntryMessage>;
export type LogEntryMessage = SignedLogEntryMessage['entry'];
