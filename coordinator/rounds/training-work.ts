import { FederatedModel } from '../../models/federated/federated-model.ts';
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
  private readonly lastRound: number;
  private readonly federated: FederatedModel;
  private readonly modules: CoordinatorModules;
  /** Weights of the first model until they stand on disk; the later ones are never held. */
  private weights: Float32Array | null;

  constructor(
    { task, firstRound }: { readonly task: TrainTask; readonly firstRound: number },
    modules: CoordinatorModules,
  ) {
    const { clipNorm, bits, layout } = task.quantiser;
    this.lastRound = firstRound + task.rounds - 1;
    this.modules = modules;
    this.federated = new FederatedModel(task, modules.roster.members.length);
    const state = this.federated.firstState();
    [this.weights] = state;
    this.first = this.federated.hash(modules.primitives.sha256, state);
    const { length } = this.federated.sent;
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

  next(sum: { path: string; members: number; round: number; before: string }): Promise<string> {
    const { path, members, round, before } = sum;
    const { federated } = this;
    const isLast = round === this.lastRound;
    return nextModel({ federated, before, sumPath: path, members, isLast }, this.modules.models);
  }

  finish(last: string): Promise<void> {
    return this.modules.models.keep(last);
  }

  cancel(): void {
    // Nothing waits here.
  }
}
