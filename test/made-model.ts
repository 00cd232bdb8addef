import { nodePrimitives } from '../crypto/identity/node-primitives.ts';
import { hashObject } from '../crypto/public/hash-object.ts';
import { initialWeights } from '../models/detection/edge-scorer.ts';
import { edgeScorer } from '../models/detection/feature-sets.ts';
import { modelHash } from '../models/detection/model-hash.ts';
import type { Model } from '../participant/models/model-file.ts';
import { type VersionFacts, versionOf } from '../participant/models/model-version.ts';
import { TASK } from './running-coordinator.ts';

export interface MadeModel {
  /** Number of the run, which ends that many seconds after the first. */
  readonly run?: number;
  readonly features?: 'edge-v1' | 'edge-v2';
  /** Of the weights, before they are hashed. */
  readonly change?: (weights: Float32Array) => void;
}

/** A small model as a participant keeps it at the end of a run, and what a store is told of it. */
export function madeModel({ run = 1, features = 'edge-v1', change }: MadeModel = {}): Model & {
  readonly facts: Omit<VersionFacts, 'previous'>;
} {
  const { sha256 } = nodePrimitives;
  const task = { ...TASK, seed: run, model: { ...TASK.model, features } };
  const architecture = edgeScorer(task.model);
  const weights = initialWeights(architecture, run);
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
