/** The numbers by which the graph encoder sees hosts and authentications: none of them says who somebody is. */
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { isAutomatic, isHandsOn, usedAccount } from '../features/event-kind.ts';
import { halfLog } from '../features/small-logs.ts';
import type { PairPast } from './pair-memory.ts';

/** Of a host in a window; counts n as log(1 + n) / 2, at most 4. Remote authentications alone, unless it says otherwise. */
export const NODE_FEATURES = [
  /** 1 where it has any event. */
  'active',
  'out',
  'in',
  /** At itself, from itself. */
  'local',
  /** Different hosts. */
  'destinations',
  'sources',
  'failuresOut',
  'failuresIn',
  /** Pairs never seen before this window. */
  'newOut',
  'newIn',
  /** Accounts asking for the first time for access at their destination. */
  'freshOut',
  'freshIn',
  'ntlmOut',
  'ntlmIn',
  /** By somebody in person, local ones too. */
  'handsOnIn',
  /** Windows since it was first seen; also where it has no event. */
  'age',
] as const;

/** Of an authentication, by the first event of its pair in the window and what was known before: nothing of it changes later. */
export const EDGE_FEATURES = [
  /** The pair was never seen before this window. */
  'new',
  /** log(1 + n) / 2 of the windows since it was seen, and of those in which it was; 0 where it is new. */
  'since',
  'windows',
  /** The account asks for the first time for access at the destination. */
  'fresh',
  'local',
  'kerberos',
  'ntlm',
  'handsOn',
  'failed',
  /** A machine's account, or one of the operating system. */
  'automatic',
] as const;

export const NODE_INPUTS = NODE_FEATURES.length;
export const EDGE_INPUTS = EDGE_FEATURES.length;

type NodeFeature = (typeof NODE_FEATURES)[number];
type EdgeFeature = (typeof EDGE_FEATURES)[number];

/** Columns by name. */
export const NODE_AT = columns<NodeFeature>(NODE_FEATURES);
export const EDGE_AT = columns<EdgeFeature>(EDGE_FEATURES);

function columns<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, i) => [name, i])) as Record<Name, number>;
}

/** A row of EDGE_FEATURES. @param window the number of the event's window @param fresh as the column says */
export function edgeRow(
  event: AuthEvent,
  fresh: boolean,
  past: PairPast | undefined,
  window: number,
): number[] {
  const { srcHost, dstHost, protocol, logonType, success } = event;
  return [
    past === undefined,
    past === undefined ? 0 : halfLog(window - past.last),
    past === undefined ? 0 : halfLog(past.windows),
    fresh,
    srcHost === dstHost,
    protocol === 'Kerberos',
    protocol === 'NTLM',
    isHandsOn(logonType),
    !success,
    isAutomatic(usedAccount(event)),
  ].map(Number);
}
