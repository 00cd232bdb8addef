import { type EdgeScorerArchitecture, weightCount } from '../../models/detection/architecture.ts';
import { initialWeights } from '../../models/detection/edge-scorer.ts';
import { edgeScorer } from '../../models/detection/feature-sets.ts';
import { modelHash } from '../../models/detection/model-hash.ts';
import type { TrainTask } from '../../protocol/task.ts';
import { nextModel } from '../aggregation/next-model.ts';
import type { CoordinatorModules } from '../modules.ts';
import type { RoundShape, RunWork } from './run-work.ts';

/** Federated training: each sum becomes the next model. */
export class TrainingWork implements RunWork {
  readonly shape: RoundShape;
  /** Hash of the first model. */
  readonly first: string;
  readonly keying = null;
  private readonly task: TrainTask;
  private readonly architecture: EdgeScorerArchitecture;
  private readonly modules: CoordinatorModules;
  /** Weights of the first model until they stand on disk; the later ones are never held. */
  private weights: Float32Array | null;

  constructor(task: TrainTask, modules: CoordinatorModules) {
    const { clipNorm, bits, layout } = task.quantiser;
    this.task = task;
    this.modules = modules;
    this.architecture = edgeScorer(task.model);
    this.weights = initialWeights(this.architecture, task.seed);
    this.first = modelHash(modules.primitives.sha256, this.architecture, this.weights);
    const length = weightCount(this.architecture);
    this.shape = { length, layout, valueBits: bits, quantiser: { clipNorm, bits } };
  }

  async prepare(): Promise<null> {
    if (this.weights) await this.modules.models.save(this.first, this.weights);
    this.weights = null;
    return null;
  }

  due(): Promise<void> {
    return Promise.resolve();
  }

  next({ path, members, before }: { path: string; members: number; before: string }): Promise<string> {
    const { architecture, task } = this;
    return nextModel(
      { architecture, quantiser: task.quantiser, before, sumPath: path, members },
      this.modules.models,
    );
  }

  finish(last: string): Promise<void> {
    return this.modules.models.keep(last);
  }

  cancel(): void {
    // Nothing waits here.
  }
}
