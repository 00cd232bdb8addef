import { bytesToUint32, toHex } from '../../crypto/public/encoding.ts';
import { hashObject } from '../../crypto/public/hash-object.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { applyUpdate } from '../../models/detection/apply-update.ts';
import type { EdgeScorerArchitecture } from '../../models/detection/architecture.ts';
import { initialWeights } from '../../models/detection/edge-scorer.ts';
import { edgeScorer } from '../../models/detection/feature-sets.ts';
import { modelHash } from '../../models/detection/model-hash.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { LogBody } from '../../protocol/messages/log-entry.ts';
import type { Task } from '../../protocol/task.ts';
import type { BulkClient } from '../api/bulk-client.ts';

/** Weights and their hash; nobody changes them. */
interface Model {
  readonly weights: Float32Array;
  readonly hash: string;
}

/**
 * One run as this member knows it. The model is never taken from the coordinator: the first one follows from the task,
 * every later one from the sums, and each must have the hash that the log names.
 */
export class RunView {
  readonly run: string;
  readonly task: Task;
  readonly taskHash: string;
  readonly firstRound: number;
  readonly architecture: EdgeScorerArchitecture;
  private readonly primitives: PublicPrimitives;
  private readonly pending: LogBody<'publish'>[] = [];
  private present: Model | null = null;
  private nextRound: number;

  /** @throws CordonError LOG_INVALID where the log names another hash than the task has */
  constructor(body: LogBody<'task'>, primitives: PublicPrimitives) {
    this.run = body.run;
    this.task = body.task;
    // The hash goes into the transcript; only a hash of one's own makes sure that all members train the same task.
    this.taskHash = hashObject(primitives, 'cordon/v1/task', body.task);
    if (this.taskHash !== body.taskHash) throw otherTask(this.taskHash, body.taskHash);
    this.firstRound = body.firstRound;
    this.nextRound = body.firstRound;
    this.architecture = edgeScorer(body.task.model);
    this.primitives = primitives;
  }

  /** Whether the round is one of this run's. */
  has(round: number): boolean {
    return round >= this.firstRound && round < this.firstRound + this.task.rounds;
  }

  /** @throws CordonError LOG_INVALID for a round that was published before, or one that is left out */
  published(body: LogBody<'publish'>): void {
    if (body.round !== this.nextRound) throw otherRound(this.nextRound, body.round);
    this.nextRound += 1;
    this.pending.push(body);
  }

  /**
   * The model after every sum published so far.
   * @throws CordonError MODEL_MISMATCH, DIGEST_MISMATCH
   */
  async model(bulk: BulkClient): Promise<Model> {
    this.present ??= this.first();
    for (let body = this.pending[0]; body; body = this.pending[0]) {
      this.present = await this.next(this.present.weights, body, bulk);
      this.pending.shift();
    }
    return this.present;
  }

  private first(): Model {
    const weights = initialWeights(this.architecture, this.task.seed);
    return { weights, hash: this.hashOf(weights) };
  }

  private async next(before: Float32Array, body: LogBody<'publish'>, bulk: BulkClient): Promise<Model> {
    if (body.sumBytes !== 4 * before.length) throw mismatch('a sum of the size of the model', 'another size');
    const bytes = await bulk.sum(body.round, body.sumBytes);
    const digest = toHex(this.primitives.sha256(bytes));
    if (digest !== body.sumHash) {
      throw new CordonError('DIGEST_MISMATCH', {
        expected: `the sum ${body.sumHash} of round ${body.round}`,
        got: digest,
        next: 'ask again; if it stays so, the coordinator publishes two sums: tell the consortium',
      });
    }
    const sum = bytesToUint32(bytes);
    const weights = applyUpdate(this.architecture, before, sum, body.members, this.task.quantiser);
    const hash = this.hashOf(weights);
    if (hash !== body.modelHash) throw mismatch(`model ${hash} after round ${body.round}`, body.modelHash);
    return { weights, hash };
  }

  private hashOf(weights: Float32Array): string {
    return modelHash(this.primitives.sha256, this.architecture, weights);
  }
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

function mismatch(expected: string, got: string): CordonError {
  return new CordonError('MODEL_MISMATCH', {
    expected,
    got,
    next: 'the coordinator announces a model that does not follow from the sums: take no part, tell the consortium',
  });
}
