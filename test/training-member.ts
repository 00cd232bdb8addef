import { nodePrimitives } from '../crypto/identity/node-primitives.ts';
import { hashObject } from '../crypto/public/hash-object.ts';
import { modelWith } from '../models/detection/models.ts';
import type { BulkClient } from '../participant/api/bulk-client.ts';
import { SumStore } from '../participant/federation/sum-store.ts';
import { TrainingRun } from '../participant/federation/training-run.ts';
import { TestFederation } from './crypto-federation.ts';
import { TASK } from './running-coordinator.ts';

const task = { ...TASK, rounds: 2 };
/** A run of two rounds, as the log announces it. */
export const TRAINING = {
  run: 'run-0123456789abcdef',
  taskHash: hashObject(nodePrimitives, 'cordon/v1/task', task),
  firstRound: 1,
  task,
};

export const TRAINING_MODULES = {
  primitives: nodePrimitives,
  roster: new TestFederation(3).roster,
};

/** A member's view of that run, before anything of it is published. */
export const trainingRun = (): TrainingRun => new TrainingRun(TRAINING, TRAINING_MODULES);
export const MODEL_LENGTH = modelWith(trainingRun().architecture).length;

/** A bulk plane that counts what a member asks of it and takes no upload. */
export class OfflinePlane {
  calls = 0;
  sums = new Map<number, Uint8Array>();
  /** Keys made for this member, as the coordinator hands them out. */
  pairs: Uint8Array | null = null;
  client = {
    pairs: () => (this.pairs ? Promise.resolve(this.pairs) : Promise.reject(new Error('no keys here'))),
    sum: (round: number) => inPieces(this.sums.get(round) ?? new Uint8Array(0)),
    beginUpload: () => {
      this.calls += 1;
      return Promise.reject(new Error('not here'));
    },
  } as unknown as BulkClient;

  /** What a process that has just started has of sums. */
  freshSums(folder: string): SumStore {
    return new SumStore(folder, this.client, nodePrimitives);
  }
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 999) yield await Promise.resolve(bytes.subarray(at, at + 999));
}
