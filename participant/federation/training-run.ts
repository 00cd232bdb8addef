import { createHash } from 'node:crypto';
import { filePieces } from '../../crypto/identity/small-read.ts';
import { bytesToUint32 } from '../../crypto/public/encoding.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { updateInPieces } from '../../models/detection/apply-update.ts';
import { type EdgeScorerArchitecture, weightCount } from '../../models/detection/architecture.ts';
import { initialWeights } from '../../models/detection/edge-scorer.ts';
import { edgeScorer } from '../../models/detection/feature-sets.ts';
import { float32ToBytes, modelHash, modelHashStart } from '../../models/detection/model-hash.ts';
import type { LogBody } from '../../protocol/messages/log-entry.ts';
import type { TrainTask } from '../../protocol/task.ts';
import { ByteReader } from '../api/byte-reader.ts';
import { type RoundShape, RunView, otherHash, otherLength } from './run-view.ts';
import type { SumStore } from './sum-store.ts';

/** Weights and their hash; nobody changes them. */
interface Model {
  readonly weights: Float32Array;
  readonly hash: string;
}

/** Values of a sum that are held at once. */
const PIECE = 64 * 1024;

/** A run of training. Its first model follows from the task, every later one from the sums. */
export class TrainingRun extends RunView {
  readonly task: TrainTask;
  readonly shape: RoundShape;
  readonly architecture: EdgeScorerArchitecture;
  private latest: Model | null = null;

  /** @throws CordonError LOG_INVALID where the log names another hash than the task has */
  constructor(body: LogBody<'task'> & { readonly task: TrainTask }, primitives: PublicPrimitives) {
    super(body, primitives);
    this.task = body.task;
    this.architecture = edgeScorer(body.task.model);
    const { clipNorm, bits, layout } = body.task.quantiser;
    const length = weightCount(this.architecture);
    this.shape = { length, layout, valueBits: bits, quantiser: { clipNorm, bits } };
  }

  async standing(sums: SumStore): Promise<string> {
    return (await this.model(sums)).hash;
  }

  /**
   * The model after every sum published so far.
   * @throws CordonError MODEL_MISMATCH, DIGEST_MISMATCH
   */
  async model(sums: SumStore): Promise<Model> {
    let model = (this.latest ??= this.firstModel());
    for (let next = this.pending[0]; next; next = this.pending[0]) {
      model = await this.update(model, next.opened, sums);
      if (model.hash !== next.hash) throw otherHash('model', next.opened.round, model.hash, next.hash);
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
