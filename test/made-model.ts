import { nodePrimitives } from '../crypto/identity/node-primitives.ts';
import { hashObject } from '../crypto/public/hash-object.ts';
import { modelHash } from '../models/detection/model-hash.ts';
import type { LayeredChoice } from '../models/detection/layered-architecture.ts';
import { type ModelChoice, architectureOf, modelWith } from '../models/detection/models.ts';
import type { Model } from '../participant/models/model-file.ts';
import { type VersionFacts, versionOf } from '../participant/models/model-version.ts';
import { TASK } from './running-coordinator.ts';

export interface MadeModel {
  /** Number of the run, which ends that many seconds after the first. */
  readonly run?: number;
  readonly features?: 'edge-v1' | 'edge-v2';
  /** An edge scorer where left out. */
  readonly layers?: LayeredChoice['layers'];
  /** Of the weights, before they are hashed. */
  readonly change?: (weights: Float32Array) => void;
}

/** A small model as a participant keeps it at the end of a run, and what a store is told of it. */
export function madeModel({ run = 1, features = 'edge-v1', layers, change }: MadeModel = {}): Model & {
  readonly facts: Omit<VersionFacts, 'previous'>;
} {
  const { sha256 } = nodePrimitives;
  const chosen: ModelChoice =
    layers === undefined
      ? { kind: 'edge-scorer', features, hidden: 4 }
      : { kind: 'layers', features, layers };
  const task = { ...TASK, seed: run, model: chosen };
  const architecture = architectureOf(task.model);
  const weights = modelWith(architecture).initialWeights(run);
  const firstModel = modelHash(sha256, architecture, weights);
  change?.(weights);
  const facts: Omit<VersionFacts, 'previous'> = {
    modelHash: modelHash(sha256, architecture, weights),
    architecture,
    parameters: weights.length,
    origin: {
      kind: 'federation',
      consortium: 'test',
      epoch: 0,
      run: `run-${String(run).padStart(16, '0')}`,
      taskHash: hashObject(nodePrimitives, 'cordon/v1/task', task),
      task,
      firstModel,
      rounds: [{ from: run, to: run, epoch: 0, contributors: ['org-1', 'org-2', 'org-3'] }],
      ended: { index: 10 * run, hash: firstModel, time: 1_767_225_600_000 + 1000 * run },
    },
  };
  return { version: versionOf(nodePrimitives, { ...facts, previous: null }), weights, facts };
}
