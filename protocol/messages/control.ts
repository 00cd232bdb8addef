import Type, { type Static } from 'typebox';
import type { RoundPhase } from '../round/phases.ts';
import { AnswerMessage } from './answer.ts';
import { AuditStatementMessage } from './audit-statement.ts';
import { ComplaintMessage } from './complaint.ts';
import { closed, MemberId, Name, RoundNumber, RunId, Text } from './fields.ts';
import { SignedLogEntryMessage } from './log-entry.ts';
import { Challenge, Hello, Welcome } from './session.ts';
import { KeyPartMessage, SealKeyMessage } from './task-key.ts';

/** Member: takes part in a run of a sketch task; before its `sealing`. */
export const SendSealKey = Type.Object({ type: Type.Literal('seal-key'), sealKey: SealKeyMessage }, closed);
/** Member: its part of the key, sealed to all; before `keyed`. */
export const SendKeyPart = Type.Object({ type: Type.Literal('key-part'), part: KeyPartMessage }, closed);
/** Committee member: a contributor's share for it is bad; before its `checked`. */
export const SendComplaint = Type.Object(
  { type: Type.Literal('complaint'), complaint: ComplaintMessage },
  closed,
);
/** Committee member: has opened and tested all its shares of the round, and complained of the bad ones. */
export const Checked = Type.Object({ type: Type.Literal('checked'), run: RunId, round: RoundNumber }, closed);
/** Committee member: its one answer. */
export const SendAnswer = Type.Object({ type: Type.Literal('answer'), answer: AnswerMessage }, closed);
/** Member: it has recomputed chunks of the published sum from all uploads and found them right. */
export const SendAudit = Type.Object(
  { type: Type.Literal('audit'), statement: AuditStatementMessage },
  closed,
);
/** Member: does not do what this phase of the round asks for (serve, contribute, check, answer, audit), and why. */
export const Refuse = Type.Object(
  {
    type: Type.Literal('refuse'),
    run: RunId,
    round: RoundNumber,
    phase: Type.Union([
      Type.Literal('keying'),
      Type.Literal('advertising'),
      Type.Literal('collecting'),
      Type.Literal('checking'),
      Type.Literal('opening'),
      Type.Literal('auditing'),
    ]),
    code: Name,
    expected: Text,
    got: Text,
    next: Text,
  },
  closed,
);
/** Anybody: say again where things stand. */
export const AskState = Type.Object({ type: Type.Literal('ask-state') }, closed);

/** Names in a state message; the rest is a number, so that a thousand members fit. */
export const MAX_NAMED = 16;

/**
 * Log entries in one state message: how many, how many bytes and values (`countValues`) they may come to together. With
 * the rest of the message that is well below the limits of the codec.
 */
export const PUSH_LIMITS = { entries: 64, bytes: 48 * 1024, values: 3072 } as const;

const phase = <P extends RoundPhase | 'idle' | 'keying'>(name: P) => Type.Literal(name);
/** A phase of the round, or none in progress. */
const Phase = Type.Union([
  phase('idle'),
  /** The key of a run of a sketch task is being made. */
  phase('keying'),
  phase('advertising'),
  phase('collecting'),
  phase('checking'),
  phase('opening'),
  phase('combining'),
  phase('auditing'),
  phase('published'),
  phase('failed'),
]);

/**
 * Server: where things stand. A hint that the log grew; whoever gets it reads the log and acts on that
 * (level-triggered: no message is needed exactly once).
 * To members it may bring entries of the log that are new, to spare them the request. They are no more than a page of the
 * log that came by itself: verified like one, and whatever is missing is asked for.
 */
export const State = Type.Object(
  {
    type: Type.Literal('state'),
    phase: Phase,
    run: Type.Union([RunId, Type.Null()]),
    round: Type.Union([RoundNumber, Type.Null()]),
    /** Position of the round in its run, from 1, and the rounds of the run. */
    step: Type.Integer({ minimum: 0 }),
    steps: Type.Integer({ minimum: 0 }),
    logSize: Type.Integer({ minimum: 0 }),
    /** Members that have done what the phase waits for (connected, advertised, uploaded, checked, answered, audited), of how many. */
    done: Type.Integer({ minimum: 0 }),
    expected: Type.Integer({ minimum: 0 }),
    /** The first of those it waits for, by name. */
    waitingFor: Type.Array(MemberId, { maxItems: MAX_NAMED }),
    entries: Type.Optional(Type.Array(SignedLogEntryMessage, { maxItems: PUSH_LIMITS.entries })),
  },
  closed,
);
export type State = Static<typeof State>;

/** Either side: something was refused. */
export const ErrorMessage = Type.Object(
  { type: Type.Literal('error'), code: Name, message: Text, expected: Text, got: Text, next: Text },
  closed,
);
export type ErrorMessage = Static<typeof ErrorMessage>;

export const ClientMessage = Type.Union([
  Hello,
  SendSealKey,
  SendKeyPart,
  SendComplaint,
  Checked,
  SendAnswer,
  SendAudit,
  Refuse,
  AskState,
]);
export type ClientMessage = Static<typeof ClientMessage>;
export const ServerMessage = Type.Union([Challenge, Welcome, State, ErrorMessage]);
export type ServerMessage = Static<typeof ServerMessage>;
