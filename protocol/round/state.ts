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
  readonly checkMs: number;
  readonly openMs: number;
  readonly auditMs: number;
  /** Members that must have recomputed a part of the sum before it counts: one more than may collude with the coordinator. */
  readonly auditors: number;
  /**
   * How long, once enough committee members have checked or answered, the others that are connected are waited for:
   * every one more may find a bad share, or checks the other answers.
   */
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
  /** Serving members that have tested all their shares. */
  readonly checked: readonly string[];
  /** Contributors whose shares are proven bad; they are not in S. */
  readonly removed: readonly string[];
  readonly answered: readonly string[];
  /** Members that have sent a statement about the sum. */
  readonly audited: readonly string[];
  /** Every part of the sum has its auditors. */
  readonly covered: boolean;
  /** When as many as the threshold had checked, or answered; null before, and again when the phase ends. */
  readonly enoughSince: number | null;
  readonly failure: RoundFailure | null;
}

export type RoundEvent =
  | { readonly type: 'connected'; readonly member: string; readonly at: number }
  | { readonly type: 'disconnected'; readonly member: string; readonly at: number }
  | { readonly type: 'advertised'; readonly member: string; readonly at: number }
  | { readonly type: 'uploaded'; readonly member: string; readonly at: number }
  /** A serving member has opened and tested its shares; what it complains of was said before. */
  | { readonly type: 'checked'; readonly member: string; readonly at: number }
  /** A complaint about the contributor is proven and in the log. */
  | { readonly type: 'complained'; readonly contributor: string; readonly at: number }
  | { readonly type: 'answered'; readonly member: string; readonly at: number }
  | {
      readonly type: 'refused';
      readonly member: string;
      /** What is refused: to serve, contribute, check, answer or audit. Said late, it does not count for the next phase. */
      readonly phase: RefusablePhase;
      readonly reason: RoundFailure;
      readonly at: number;
    }
  /** The sum is open and in the log. */
  | { readonly type: 'combined'; readonly at: number }
  | { readonly type: 'audited'; readonly member: string; readonly at: number }
  /** Every part of the sum has statements of enough members. */
  | { readonly type: 'covered'; readonly at: number }
  /** The result is in the log. */
  | { readonly type: 'published'; readonly at: number }
  | { readonly type: 'failed'; readonly reason: RoundFailure; readonly at: number }
  | { readonly type: 'tick'; readonly at: number };

/** What the coordinator must do, in this order, before it takes the next event. */
export type RoundEffect =
  | { readonly type: 'announce'; readonly committee: readonly string[] }
  /** No further update is taken. */
  | { readonly type: 'close'; readonly set: readonly string[] }
  /** S is what was closed less those that are removed; it stands from here on. */
  | { readonly type: 'fix'; readonly set: readonly string[] }
  | { readonly type: 'combine'; readonly answers: readonly string[] }
  | { readonly type: 'publish' }
  | { readonly type: 'abort'; readonly reason: RoundFailure };

export interface RoundStep {
  readonly state: RoundState;
  readonly effects: readonly RoundEffect[];
  /** Whether the event itself counted, whatever else was due at its time. */
  readonly taken: boolean;
}
