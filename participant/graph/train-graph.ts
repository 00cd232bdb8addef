/** Training of the graph encoder at one organisation: its part of a round, and steps alone or on the graphs of several. */
import {
  type GraphEncoderChoice,
  graphEncoder,
  graphEncoderModel,
} from '../../models/detection/graph-encoder-model.ts';
import { type GraphTrained, trainGraphSteps } from '../../models/detection/graph-encoder.ts';
import type { FederatedTask } from '../../models/federated/federated-model.ts';
import { type RoundStart, wholeWeights } from '../../models/federated/own-state.ts';
import type { TrainTask } from '../../protocol/task.ts';
import { type QuantisedRound, quantisedTraining } from '../train/local-update.ts';
import { seededStream } from '../train/seeded-stream.ts';
import { type DrawableGraph, type GraphTraining, graphBatches } from './graph-batches.ts';

/** As a `TrainTask`, with what sequences are like. */
export interface GraphTask extends FederatedTask {
  readonly rounds: number;
  readonly model: GraphEncoderChoice;
  readonly training: GraphTraining & Pick<TrainTask['training'], 'steps' | 'learningRate'>;
  readonly quantiser: TrainTask['quantiser'];
  /** Rules of the server alone: local steps are those of Adam. */
  readonly optimiser?: Exclude<NonNullable<TrainTask['optimiser']>, { kind: 'fedprox' | 'scaffold' }>;
}

/**
 * One member's part of a round up to the encryption, as `quantisedRound` of the edge scorer. The same arguments give the
 * same whole numbers. Throws as `trainGraphSteps` and `clipAndQuantise`.
 * @param seed the member's own
 * @param elapsed milliseconds of a clock that never goes back; measures, decides nothing
 */
export function graphRound(
  start: RoundStart,
  site: DrawableGraph,
  task: GraphTask,
  round: number,
  seed: number | string,
  elapsed: () => number,
): QuantisedRound {
  const begin = elapsed();
  const weights = wholeWeights(start, task);
  const trained = steps([site], task, weights, task.training.steps, ['round', seed, round]);
  const delta = trained.weights.map((value, i) => value - (weights[i] ?? 0));
  const update = { ...trained, delta, steps: task.training.steps, ms: elapsed() - begin };
  return quantisedTraining(start, task, round, seed, update, elapsed);
}

/** Weights after `rounds * steps` steps on the graphs of one organisation, or of several in one place. Throws as `graphRound`. */
export function trainGraphAlone(
  sites: readonly DrawableGraph[],
  task: GraphTask,
  seed: number | string = task.seed,
): GraphTrained {
  const first = graphEncoderModel(graphEncoder(task.model)).initialWeights(task.seed);
  return steps(sites, task, first, task.rounds * task.training.steps, ['alone', seed]);
}

function steps(
  sites: readonly DrawableGraph[],
  { model, training }: GraphTask,
  weights: Float32Array,
  count: number,
  labels: readonly (string | number)[],
): GraphTrained {
  const source = graphBatches(sites, training, seededStream('graph', ...labels));
  const { learningRate } = training;
  return trainGraphSteps(graphEncoder(model), weights, source, { steps: count, learningRate });
}
