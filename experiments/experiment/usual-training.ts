import type { TrainTask } from '../../protocol/task.ts';
import type { TrainedMethod, Variant } from './experiment.ts';

type Training = TrainTask['training'] & { readonly rounds: number };

/** Steps that suit each kind of weights, chosen on development seeds: docs/benchmarks/detection.md says among which. */
const USUAL: Readonly<Record<TrainedMethod['weights'], Training>> = {
  federated: {
    rounds: 200,
    steps: 5,
    batch: 128,
    solver: 'sgd',
    learningRate: 1,
    corrupted: 0.05,
    corruptedAlone: 0,
    incidents: 0.25,
    novel: 0.3,
  },
  local: {
    rounds: 200,
    steps: 5,
    batch: 128,
    solver: 'adam',
    learningRate: 0.01,
    corrupted: 0.1,
    corruptedAlone: 0.1,
    incidents: 0.25,
    novel: 0.3,
  },
  // As many rows as ten members see together.
  pooled: {
    rounds: 2000,
    steps: 5,
    batch: 128,
    solver: 'sgd',
    learningRate: 0.3,
    corrupted: 0.05,
    corruptedAlone: 0,
    incidents: 0.25,
    novel: 0.3,
  },
};

/** Where nobody has a label there is contrast alone, and much of it. */
const UNLABELLED = { solver: 'adam', learningRate: 0.01, corruptedAlone: 0.5 } as const;

/** What a method trains by where its file says nothing. */
export function usualTraining(weights: TrainedMethod['weights'], labels: Variant['labels']): Training {
  const usual = USUAL[weights];
  return labels === 'none' ? { ...usual, ...UNLABELLED, rounds: 200 } : usual;
}

/** Of a graph encoder, whose steps are those of Adam. */
export const GRAPH_TRAINING = {
  rounds: 200,
  steps: 5,
  batch: 128,
  learningRate: 0.003,
  corrupted: 0.1,
  corruptedAlone: 0.5,
  incidents: 0.25,
  novel: 0.6,
} as const satisfies Training;
