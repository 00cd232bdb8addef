import Type, { type Static } from 'typebox';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { canonicalJson, utf8 } from '../../crypto/public/canonical.ts';
import { closed } from '../../protocol/messages/fields.ts';

/** Destinations and accounts that an alert names. */
export const MOST_NAMED = 10;

const name = Type.String();
const moment = Type.Number();

/** Why: a feature that lifts the score, in words, and what of this site's history it is measured against. */
export const Reason = Type.Object(
  {
    feature: Type.String(),
    /** In the row of the event, and in the mean of the site's ordinary rows. */
    value: Type.Number(),
    usual: Type.Number(),
    /** By how much the score would be lower with the usual value, logit. */
    weight: Type.Number(),
    words: Type.String(),
    /** Numbers of this pair, account or host before the event; null where there is none to tell. */
    against: Type.Union([Type.String(), Type.Null()]),
  },
  closed,
);
export type Reason = Static<typeof Reason>;

/** A logon that led to the source host, or to the host before it. */
export const Hop = Type.Object(
  {
    /** Milliseconds, on the clock of the events. */
    time: moment,
    account: name,
    from: name,
    to: name,
    /** Whether this way, or the account on it, was new to the site. */
    fresh: Type.Boolean(),
  },
  closed,
);
export type Hop = Static<typeof Hop>;

/** The event with the highest score, as `AuthEvent` has it. */
export const TopEvent = Type.Object(
  {
    type: Type.Literal('auth'),
    time: moment,
    srcHost: name,
    dstHost: name,
    srcAccount: name,
    dstAccount: name,
    protocol: Type.String(),
    logonType: Type.String(),
    action: Type.String(),
    success: Type.Boolean(),
    source: Type.Object({ dataset: Type.String(), record: Type.Number(), uid: Type.String() }, closed),
  },
  closed,
);
export type TopEvent = Static<typeof TopEvent>;

/**
 * One version of an alert, a line of `alerts.jsonl`: what one source host did on one day (UTC) that scores above the site's
 * threshold. A later line with the same id takes the place of an earlier one.
 */
export const Alert = Type.Object(
  {
    type: Type.Literal('alert'),
    /** Number of the line, from 1. */
    sequence: Type.Integer({ minimum: 1 }),
    id: Type.String({ pattern: '^alert-[0-9a-f]{16}$' }),
    /** Of the alert, from 1, in the order in which they were raised. */
    number: Type.Integer({ minimum: 1 }),
    /** Of the line among those of the alert, from 1. */
    version: Type.Integer({ minimum: 1 }),
    srcHost: name,
    /** First moment of the day, milliseconds. */
    day: moment,
    /** Time of the event that raised it, and of the one that this version came by. */
    raised: moment,
    updated: moment,
    /** When the line was written, milliseconds of Unix time. */
    written: moment,
    /** Logits: the highest of the events, and what the first had to exceed. */
    score: Type.Number(),
    threshold: Type.Number(),
    /** Events above the threshold. */
    events: Type.Integer({ minimum: 1 }),
    /** Their destinations and accounts: how many (counted up to 256), and the first ten. */
    destinations: Type.Integer({ minimum: 1 }),
    dstHosts: Type.Array(name, { maxItems: MOST_NAMED }),
    accounts: Type.Array(name, { maxItems: MOST_NAMED }),
    /** Account, and the rest, of the highest event. */
    account: name,
    event: TopEvent,
    reasons: Type.Array(Reason),
    /** How the source host was come to, the first hop first; empty where nothing is known of it. */
    path: Type.Array(Hop),
    /** What scored it: the run it comes from or the name of its file, the model's hash, its feature set. */
    model: Type.Object({ from: Type.String(), hash: Type.String(), features: Type.String() }, closed),
  },
  closed,
);
export type Alert = Static<typeof Alert>;

/** The same source host on the same day at the same member is the same alert, whoever finds it and when. */
export function alertId(member: string, srcHost: string, day: number): string {
  const digest = nodePrimitives.sha256(
    utf8('cordon alert\0'),
    utf8(canonicalJson({ member, srcHost: srcHost.toWellFormed(), day })),
  );
  return `alert-${Buffer.from(digest.subarray(0, 8)).toString('hex')}`;
}
