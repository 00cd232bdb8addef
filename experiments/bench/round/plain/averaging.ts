import { join } from 'node:path';
import { writeDurably } from '../../../../crypto/identity/durable-file.ts';
import { nodePrimitives } from '../../../../crypto/identity/node-primitives.ts';
import { applyUpdate } from '../../../../models/detection/apply-update.ts';
import { float32ToBytes, modelHash } from '../../../../models/detection/model-hash.ts';
import { architectureOf, modelOf } from '../../../../models/detection/models.ts';
import { CordonError } from '../../../../protocol/errors.ts';
import type { RunSummary } from '../../../../protocol/messages/runs.ts';
import type { TrainTask } from '../../../../protocol/task.ts';

/**
 * One run of federated averaging in the clear (McMahan et al. 2017): quantised updates are added up as they come, and once
 * all are there the next model is made, and synced, from their sum.
 */
export class PlainRun {
  readonly task: TrainTask;
  readonly firstRound: number;
  round: number;
  weights: Float32Array;
  private readonly members: number;
  private readonly folder: string;
  private readonly done = new Set<string>();
  private sum: Uint32Array;

  constructor(task: TrainTask, firstRound: number, members: number, folder: string) {
    this.task = task;
    this.firstRound = firstRound;
    this.round = firstRound;
    this.members = members;
    this.folder = folder;
    this.weights = modelOf(task.model).initialWeights(task.seed);
    this.sum = new Uint32Array(this.weights.length);
  }

  get over(): boolean {
    return this.round === this.firstRound + this.task.rounds;
  }

  get uploaded(): number {
    return this.done.size;
  }

  /** Bytes of an update. */
  get updateBytes(): number {
    return 2 * this.weights.length;
  }

  summary(): RunSummary {
    const { task, firstRound, round, weights, over } = this;
    const modelOfRun = modelHash(nodePrimitives.sha256, architectureOf(task.model), weights);
    return {
      run: RUN,
      name: task.name,
      status: over ? 'finished' : 'running',
      firstRound,
      rounds: task.rounds,
      published: round - firstRound,
      modelHash: modelOfRun,
      failure: null,
    };
  }

  /** Takes one member's update. @returns true once it was the last of its round, and the next model is there */
  async add(member: string, round: number, update: Uint8Array): Promise<boolean> {
    if (round !== this.round || this.done.has(member) || update.length !== this.updateBytes) {
      throw new CordonError('STALE_ROUND', {
        expected: `one update of ${this.updateBytes} bytes a member for round ${this.round}`,
        got: `${update.length} bytes of ${member} for round ${round}`,
        next: 'correct the bench',
      });
    }
    this.done.add(member);
    const view = new DataView(update.buffer, update.byteOffset, update.byteLength);
    for (let i = 0; i < this.sum.length; i++) this.sum[i] = (this.sum[i] ?? 0) + view.getUint16(2 * i, true);
    if (this.done.size < this.members) return false;
    const { model, quantiser } = this.task;
    this.weights = applyUpdate(modelOf(model), this.weights, this.sum, this.members, quantiser);
    await writeDurably(join(this.folder, 'model.f32'), float32ToBytes(this.weights));
    this.sum = new Uint32Array(this.weights.length);
    this.done.clear();
    this.round += 1;
    return true;
  }
}

/** Runs follow one another; nobody looks back. */
export const RUN = 'run-0000000000000000';
