/**
 * The graph encoder: judges authentications by what the two ends have been doing, and those around them, window after
 * window. Training minimises the weighted binary cross-entropy with Adam on explicit gradients, through time.
 */
import { type InSteps, atOnce } from '../in-steps.ts';
import { Kernels } from '../kernels/kernels.ts';
import {
  checkGraphEncoder,
  checkGraphVector,
  type GraphEncoderArchitecture,
} from './graph-encoder-architecture.ts';
import {
  checkAnswers,
  checkNumbers,
  type GraphSequence,
  type LabelledSequence,
} from './graph-encoder-input.ts';
import { GraphEncoderNetwork } from './graph-encoder-network.ts';

/** Logits of all edges, window after window, and the states after the last one (nodes x state), for the next sequence. */
export interface GraphScores {
  readonly logits: Float32Array;
  readonly states: Float32Array;
}

/**
 * Scores of a sequence. However windows are cut into sequences that hand on their states, the bits are the same. Throws
 * ModelError NOT_FINITE for broken weights or input, SHAPE_MISMATCH and VALUE_OUT_OF_RANGE for what does not fit.
 */
export function graphScores(
  architecture: GraphEncoderArchitecture,
  weights: Float32Array,
  sequence: GraphSequence,
): GraphScores {
  checkGraphEncoder(architecture);
  checkGraphVector(architecture, weights, 'weights');
  const { nodes, windows } = sequence;
  const logits = new Float32Array(windows.reduce((sum, { from }) => sum + from.length, 0));
  let states = sequence.start ?? new Float32Array(nodes * architecture.state);
  checkNumbers(states, nodes * architecture.state, 'states at the start');
  const k = Kernels.take();
  try {
    const at = k.place(weights);
    let first = 0;
    // One window at a time, so that a long sequence takes no more memory than its largest window.
    for (const [number, window] of windows.entries()) {
      const mark = k.mark();
      const one = { nodes, windows: [window], start: states };
      const network = new GraphEncoderNetwork(k, { weights: at, gradient: at }, architecture, one, number);
      network.forward();
      logits.set(k.view(network.logits, network.edges), first);
      states = network.lastStates();
      first += network.edges;
      k.rewind(mark);
    }
    return { logits, states: states.slice() };
  } finally {
    k.release();
  }
}

/** The loss of a sequence and its gradient with respect to every weight. Throws as `graphScores` does. */
export function graphGradient(
  architecture: GraphEncoderArchitecture,
  weights: Float32Array,
  sequence: LabelledSequence,
): { loss: number; gradient: Float32Array } {
  checkGraphEncoder(architecture);
  checkGraphVector(architecture, weights, 'weights');
  const k = Kernels.take();
  try {
    const at = { weights: k.place(weights), gradient: k.allocate(weights.length) };
    const loss = lossAndGradient(k, at, architecture, sequence);
    return { loss, gradient: k.view(at.gradient, weights.length).slice() };
  } finally {
    k.release();
  }
}

/** Steps of Adam and the learning rate; both positive. */
export interface GraphTrainOptions {
  readonly steps: number;
  readonly learningRate: number;
}

/** New weights and the mean loss over the steps. */
export interface GraphTrained {
  readonly weights: Float32Array;
  readonly loss: number;
}

/**
 * `steps` steps of Adam (fresh moments, beta .9 and .999) from `weights`, which stay untouched; `source` gives the sequence
 * of a step, whose windows are what the gradient goes back through. Throws as `graphScores` does, and NOT_FINITE for weights
 * that broke in training.
 */
export function trainGraphSteps(
  architecture: GraphEncoderArchitecture,
  weights: Float32Array,
  source: (step: number) => LabelledSequence,
  options: GraphTrainOptions,
): GraphTrained {
  return atOnce(graphTrainingSteps(architecture, weights, source, options));
}

/** As `trainGraphSteps`, but it pauses after every step. */
export function* graphTrainingSteps(
  architecture: GraphEncoderArchitecture,
  weights: Float32Array,
  source: (step: number) => LabelledSequence,
  { steps, learningRate }: GraphTrainOptions,
): InSteps<GraphTrained> {
  checkGraphEncoder(architecture);
  checkGraphVector(architecture, weights, 'weights');
  const count = weights.length;
  const k = Kernels.take();
  try {
    const at = { weights: k.place(weights), gradient: k.allocate(count) };
    const [m, v] = [k.allocate(count), k.allocate(count)];
    let [power1, power2, total] = [1, 1, 0];
    for (let step = 0; step < steps; step++) {
      total += lossAndGradient(k, at, architecture, source(step));
      power1 *= 0.9;
      power2 *= 0.999;
      const corrections = [1 - power1, 1 - power2] as const;
      k.run.adam(at.weights, at.gradient, m, v, count, learningRate, 0.9, 0.999, 1e-8, ...corrections);
      yield;
    }
    const next = k.view(at.weights, count).slice();
    checkGraphVector(architecture, next, 'weights after training');
    return { weights: next, loss: steps > 0 ? total / steps : 0 };
  } finally {
    // Also where the caller breaks off between two steps.
    k.release();
  }
}

/** Forward and backward over one sequence; what it took of the memory is given back. */
function lossAndGradient(
  k: Kernels,
  at: { weights: number; gradient: number },
  architecture: GraphEncoderArchitecture,
  sequence: LabelledSequence,
): number {
  const mark = k.mark();
  const network = new GraphEncoderNetwork(k, at, architecture, sequence);
  checkAnswers(sequence, network.edges);
  const [y, importance] = [k.place(sequence.labels), k.place(sequence.weights)];
  const dLogits = k.allocate(network.edges);
  network.forward();
  const loss = k.run.bceWithLogits(network.logits, y, importance, dLogits, network.edges);
  network.backward(dLogits);
  k.rewind(mark);
  return loss;
}
