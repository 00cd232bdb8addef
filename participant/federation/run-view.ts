import { createHash } from 'node:crypto';
import { filePieces } from '../../crypto/identity/small-read.ts';
import { bytesToUint32 } from '../../crypto/public/encoding.ts';
import { hashObject } from '../../crypto/public/hash-object.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { updateInPieces } from '../../models/detection/apply-update.ts';
import type { EdgeScorerArchitecture } from '../../models/detection/architecture.ts';
import { initialWeights } from '../../models/detection/edge-scorer.ts';
import { edgeScorer } from '../../models/detection/feature-sets.ts';
import { float32ToBytes, modelHash, modelHashStart } from '../../models/detection/model-hash.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { LogBody } from '../../protocol/messages/log-entry.ts';
import type { Task } from '../../protocol/task.ts';
import { ByteReader } from '../api/byte-reader.ts';
import type { SumStore } from './sum-store.ts';

/** Weights and their hash; nobody changes them. */
interface Model {
  readonly weights: Float32Array;
  readonly hash: string;
}

/** Values of a sum that are held at once. */
const PIECE = 64 * 1024;

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
  /** Sums that count and that the model has not been updated from, with the hash that it has then. */
  private readonly pending: { readonly opened: LogBody<'opened'>; readonly hash: string }[] = [];
  private latest: Model | null = null;
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

  /** Whether the run may end with this round: the one that comes next, or the last one that was published. */
  mayEndWith(round: number): boolean {
    return this.has(round) && (round === this.nextRound || round === this.nextRound - 1);
  }

  /**
   * A sum counts: it is audited and in the log.
   * @throws CordonError LOG_INVALID for a round that was published before, or one that is left out
   */
  published(opened: LogBody<'opened'>, { round, modelHash: hash }: LogBody<'publish'>): void {
    if (round !== this.nextRound) throw otherRound(this.nextRound, round);
    this.nextRound += 1;
    this.pending.push({ opened, hash });
  }

  /**
   * The model after every sum published so far.
   * @throws CordonError MODEL_MISMATCH, DIGEST_MISMATCH
   */
  async model(sums: SumStore): Promise<Model> {
    let model = (this.latest ??= this.firstModel());
    for (let next = this.pending[0]; next; next = this.pending[0]) {
      model = await this.update(model, next.opened, sums);
      if (model.hash !== next.hash) throw otherModel(next.opened.round, model.hash, next.hash);
      this.latest = model;
      this.pending.shift();
      sums.clear(next.opened.round);
    }
    return model;
  }

  private firstModel(): Model {
    const weights = initialWeights(this.architecture, this.task.seed);
    return { weights, hash: modelHash(this.primitives.sha256, this.architecture, weights) };
  }

  /** From the sum's file, piece by piece: only the two models are held. */
  private async update({ weights }: Model, opened: LogBody<'opened'>, sums: SumStore): Promise<Model> {
    const { layout } = this.task.quantiser;
    if (opened.sumBytes !== 4 * weights.length) throw otherLength(4 * weights.length, opened.sumBytes);
    const next = new Float32Array(weights.length);
    const update = updateInPieces(this.architecture, opened.members, this.task.quantiser);
    const hash = createHash('sha256').update(modelHashStart(this.architecture));
    const pieces = new ByteReader(filePieces(await sums.fetch(opened, layout), opened.sumBytes));
    try {
      for (let from = 0; from < next.length; from += PIECE) {
        const to = Math.min(next.length, from + PIECE);
        const sum = bytesToUint32(await pieces.read(4 * (to - from)));
        update(weights.subarray(from, to), sum, next.subarray(from, to));
        hash.update(float32ToBytes(next.subarray(from, to)));
      }
    } finally {
      await pieces.close();
    }
    return { weights: next, hash: hash.digest('hex') };
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

function otherLength(expected: number, got: number): CordonError {
  return new CordonError('MODEL_MISMATCH', {
    expected: `a sum of ${expected} bytes, as the model has`,
    got: `${got}`,
    next: 'take no part; tell the consortium that the coordinator sums another model than the task names',
  });
}

function otherModel(round: number, expected: string, got: string): CordonError {
  return new CordonError('MODEL_MISMATCH', {
    expected: `model ${expected} after round ${round}`,
    got,
    next: 'the coordinator announces a model that does not follow from the sums: take no part, tell the consortium',
  });
}
