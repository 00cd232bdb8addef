import type { RoundFailure } from '../messages/runs.ts';
import type { RefusablePhase, RoundPhase } from './phases.ts';

/** Fixed for a round. Times in milliseconds. */
export interface RoundConfig {
  readonly round: number;
  readonly members: readonly string[];
  readonly committee: readonly string[];
  readonly threshold: number;
  readonly kMin: number;
  readonly advertiseMs: number;
  readonly collectMs: number;
  readonly graceMs: number;
  readonly openMs: number;
  /** How long, once enough answers are in, the others that are connected are waited for: every answer more checks the rest. */
  readonly settleMs: number;
}

/** All that the coordinator remembers of a round's progress; what was said stands in the log. */
export interface RoundState {
  readonly phase: RoundPhase;
  /** When the present phase ends at the latest. */
  readonly deadline: number;
  /** Since when a member has had no connection; absent here means connected. */
  readonly goneSince: Readonly<Record<string, number>>;
  /** Members that said they take no part (or cannot answer), with their reason. */
  readonly refused: Readonly<Record<string, RoundFailure>>;
  readonly advertised: readonly string[];
  /** The committee of the transcript, once announced. */
  readonly serving: readonly string[];
  readonly uploaded: readonly string[];
  readonly answered: readonly string[];
  /** When the answers reached the threshold; null before. */
  readonly enoughSince: number | null;
  readonly failure: RoundFailure | null;
}

export type RoundEvent =
  | { readonly type: 'connected'; readonly member: string; readonly at: number }
  | { readonly type: 'disconnected'; readonly member: string; readonly at: number }
  | { readonly type: 'advertised'; readonly member: string; readonly at: number }
  | { readonly type: 'uploaded'; readonly member: string; readonly at: number }
  | { readonly type: 'answered'; readonly member: string; readonly at: number }
  | {
      readonly type: 'refused';
      readonly member: string;
      /** What is refused: to serve, to contribute or to answer. Said late, it does not count for the next phase. */
      readonly phase: RefusablePhase;
      readonly reason: RoundFailure;
      readonly at: number;
    }
  | { readonly type: 'combined'; readonly at: number }
  | { readonly type: 'failed'; readonly reason: RoundFailure; readonly at: number }
  | { readonly type: 'tick'; readonly at: number };

/** What the coordinator must do, in this order, before it takes the next event. */
export type RoundEffect =
  | { readonly type: 'announce'; readonly committee: readonly string[] }
  | { readonly type: 'close'; readonly set: readonly string[] }
  | { readonly type: 'combine'; readonly answers: readonly string[] }
  | { readonly type: 'abort'; readonly reason: RoundFailure };

export interface RoundStep {
  readonly state: RoundState;
  readonly effects: readonly RoundEffect[];
  /** Whether the event itself counted, whatever else was due at its time. */
  readonly taken: boolean;
}
