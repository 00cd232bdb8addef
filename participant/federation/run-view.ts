import { hashObject } from '../../crypto/public/hash-object.ts';
import type { LayoutName } from '../../crypto/public/params.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { LogBody } from '../../protocol/messages/log-entry.ts';
import type { Task } from '../../protocol/task.ts';
import type { SumStore } from './sum-store.ts';

/** What of a round's transcript follows from the task. */
export interface RoundShape {
  /** Values in the vector. */
  readonly length: number;
  readonly layout: LayoutName;
  readonly valueBits: number;
  readonly quantiser: { readonly clipNorm: number; readonly bits: number };
}

/** A sum that counts, and the hash that the log gives to what becomes of it. */
export interface CountingSum {
  readonly opened: LogBody<'opened'>;
  readonly hash: string;
  /** Whether this member's own vector is in it. */
  readonly own: boolean;
}

/**
 * One run as this member knows it. What its rounds stand on (a model, answers) is never taken from the coordinator: it
 * follows from the task and the sums, and must have the hash that the log names.
 */
export abstract class RunView {
  readonly run: string;
  readonly taskHash: string;
  readonly firstRound: number;
  abstract readonly task: Task;
  abstract readonly shape: RoundShape;
  protected readonly primitives: PublicPrimitives;
  /** Sums that count and that nothing has been made of yet. */
  protected readonly pending: CountingSum[] = [];
  private readonly rounds: number;
  private nextRound: number;

  /** @throws CordonError LOG_INVALID where the log names another hash than the task has */
  protected constructor(body: LogBody<'task'>, primitives: PublicPrimitives) {
    this.run = body.run;
    // The hash goes into the transcript; only a hash of one's own makes sure that all members do the same.
    this.taskHash = hashObject(primitives, 'cordon/v1/task', body.task);
    if (this.taskHash !== body.taskHash) throw otherTask(this.taskHash, body.taskHash);
    this.firstRound = body.firstRound;
    this.nextRound = body.firstRound;
    this.rounds = body.task.rounds;
    this.primitives = primitives;
  }

  /** Whether the round is one of this run's. */
  has(round: number): boolean {
    return round >= this.firstRound && round < this.firstRound + this.rounds;
  }

  /** Whether the run may end with this round: the one that comes next, or the last one that was published. */
  mayEndWith(round: number): boolean {
    return this.has(round) && (round === this.nextRound || round === this.nextRound - 1);
  }

  /**
   * A sum counts: it is audited and in the log.
   * @param own whether this member's vector is in it
   * @throws CordonError LOG_INVALID for a round that was published before, or one that is left out
   */
  published(opened: LogBody<'opened'>, { round, modelHash: hash }: LogBody<'publish'>, own = false): void {
    if (round !== this.nextRound) throw otherRound(this.nextRound, round);
    this.nextRound += 1;
    this.pending.push({ opened, hash, own });
  }

  /**
   * Hash of what the next round stands on, after every sum published so far.
   * @throws CordonError MODEL_MISMATCH, DIGEST_MISMATCH
   */
  abstract standing(sums: SumStore): Promise<string>;
}

function otherTask(expected: string, got: string): CordonError {
  return new CordonError('LOG_INVALID', {
    expected: `a task with hash ${expected}`,
    got,
    next: 'take no part; the coordinator gives the task another name than its own',
  });
}

function otherRound(expected: number, got: number): CordonError {
  return new CordonError('LOG_INVALID', {
    expected: `the sum of round ${expected}`,
    got: `that of round ${got}`,
    next: 'take no part: a sum that counts twice, or not at all, makes another model',
  });
}

/** The error of a sum that is not as long as the task says; both in bytes. */
export function otherLength(expected: number, got: number): CordonError {
  return new CordonError('MODEL_MISMATCH', {
    expected: `a sum of ${expected} bytes, as the task has`,
    got: `${got}`,
    next: 'take no part; tell the consortium that the coordinator sums something else than the task names',
  });
}

/** @param what the model or answer in words */
export function otherHash(what: string, round: number, expected: string, got: string): CordonError {
  return new CordonError('MODEL_MISMATCH', {
    expected: `${what} ${expected} after round ${round}`,
    got,
    next: `the coordinator announces a ${what} that does not follow from the sums: take no part, tell the consortium`,
  });
}
