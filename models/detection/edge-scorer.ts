/**
 * The edge scorer: a perceptron with one hidden layer that gives an authentication event, seen through its features, a
 * logit of being malicious. Training minimises the weighted binary cross-entropy with Adam on explicit gradients.
 */
import { ModelError } from '../errors.ts';
import { type InSteps, atOnce } from '../in-steps.ts';
import { Kernels } from '../kernels/kernels.ts';
import { SeededStream } from '../seeded-stream.ts';
import {
  checkArchitecture,
  checkVector,
  tensorPlaces,
  weightCount,
  type EdgeScorerArchitecture,
} from './architecture.ts';

/**
 * First weights from a seed: uniform within +-sqrt(6 / fan-in) for W1 (He et al. 2015) and +-sqrt(6 / (fan-in + 1)) for
 * W2 (Glorot and Bengio 2010), zero biases. Square root is exact in IEEE 754, so every machine gets the same bits.
 */
export function initialWeights(architecture: EdgeScorerArchitecture, seed: number): Float32Array {
  checkArchitecture(architecture);
  const { inputs, hidden } = architecture;
  const weights = new Float32Array(weightCount(architecture));
  const stream = SeededStream.fromNumber(seed);
  for (const { name, offset, length } of tensorPlaces(architecture)) {
    if (name === 'b1' || name === 'b2') continue;
    const bound = Math.sqrt(6 / (name === 'W1' ? inputs : hidden + 1));
    for (let i = 0; i < length; i++) weights[offset + i] = bound * (2 * stream.nextUnit() - 1);
  }
  return weights;
}

const SCORE_ROWS = 1024;

/**
 * Logits of feature rows (row-major, rows x inputs). Throws ModelError NOT_FINITE for broken weights, SHAPE_MISMATCH
 * where the rows do not divide evenly.
 */
export function forwardScores(
  architecture: EdgeScorerArchitecture,
  weights: Float32Array,
  rows: Float32Array,
): Float32Array {
  checkArchitecture(architecture);
  checkVector(architecture, weights, 'weights');
  const { inputs: d, hidden: h } = architecture;
  const n = rows.length / d;
  if (!Number.isInteger(n)) {
    throw new ModelError('SHAPE_MISMATCH', {
      expected: `rows of ${d} features`,
      got: `${rows.length} values`,
      next: 'use the feature set that the model names',
    });
  }
  const k = Kernels.take();
  try {
    const at = placeWeights(k, architecture, weights);
    const most = Math.min(SCORE_ROWS, n);
    const [x, a, z] = [k.allocate(most * d), k.allocate(most * h), k.allocate(most)];
    const scores = new Float32Array(n);
    for (let from = 0; from < n; from += most) {
      const count = Math.min(most, n - from);
      k.view(x, count * d).set(rows.subarray(from * d, (from + count) * d));
      k.run.denseForward(x, at.W1, at.b1, a, count, d, h);
      k.run.relu(a, count * h);
      k.run.denseForward(a, at.W2, at.b2, z, count, h, 1);
      scores.set(k.view(z, count), from);
    }
    return scores;
  } finally {
    k.release();
  }
}

/** Fills one batch: `x` (batch x inputs), labels 0 or 1, weights >= 0. */
export type BatchSource = (x: Float32Array, y: Float32Array, weight: Float32Array) => void;

/** Steps of Adam, rows of a batch, and the learning rate; all positive. */
export interface TrainOptions {
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
}

/** New weights and the mean loss over the steps. */
export interface Trained {
  readonly weights: Float32Array;
  readonly loss: number;
}

/**
 * `steps` steps of Adam (fresh moments, beta .9 and .999) from `weights`, which stay untouched. Returns the new weights
 * and the mean loss over the steps. Throws ModelError NOT_FINITE for broken weights before or after.
 */
export function trainSteps(
  architecture: EdgeScorerArchitecture,
  weights: Float32Array,
  source: BatchSource,
  options: TrainOptions,
): Trained {
  return atOnce(trainingSteps(architecture, weights, source, options));
}

/** As `trainSteps`, but it pauses after every step, so that whoever drives it can see to something else in between. */
export function* trainingSteps(
  architecture: EdgeScorerArchitecture,
  weights: Float32Array,
  source: BatchSource,
  { steps, batch, learningRate }: TrainOptions,
): InSteps<Trained> {
  checkArchitecture(architecture);
  checkVector(architecture, weights, 'weights');
  const { inputs: d, hidden: h } = architecture;
  const count = weightCount(architecture);
  const k = Kernels.take();
  try {
    const at = placeWeights(k, architecture, weights);
    const [m, v] = [k.allocate(count), k.allocate(count)];
    const gradient = placeWeights(k, architecture, new Float32Array(count));
    const [x, y, importance] = [k.allocate(batch * d), k.allocate(batch), k.allocate(batch)];
    const [a, da] = [k.allocate(batch * h), k.allocate(batch * h)];
    const [z, dz] = [k.allocate(batch), k.allocate(batch)];
    const views = [k.view(x, batch * d), k.view(y, batch), k.view(importance, batch)] as const;
    let [power1, power2, total] = [1, 1, 0];
    for (let step = 0; step < steps; step++) {
      source(...views);
      k.run.denseForward(x, at.W1, at.b1, a, batch, d, h);
      k.run.relu(a, batch * h);
      k.run.denseForward(a, at.W2, at.b2, z, batch, h, 1);
      total += k.run.bceWithLogits(z, y, importance, dz, batch);
      k.run.denseBackwardWeights(a, dz, gradient.W2, gradient.b2, batch, h, 1);
      k.run.denseBackwardInput(dz, at.W2, da, batch, h, 1);
      k.run.reluBackward(a, da, batch * h);
      k.run.denseBackwardWeights(x, da, gradient.W1, gradient.b1, batch, d, h);
      power1 *= 0.9;
      power2 *= 0.999;
      k.run.adam(at.W1, gradient.W1, m, v, count, learningRate, 0.9, 0.999, 1e-8, 1 - power1, 1 - power2);
      yield;
    }
    const next = k.view(at.W1, count).slice();
    checkVector(architecture, next, 'weights after training');
    return { weights: next, loss: steps > 0 ? total / steps : 0 };
  } finally {
    // Also where the caller breaks off between two steps.
    k.release();
  }
}

/** Byte offsets of the tensors of one flat vector copied into the kernels' memory. */
function placeWeights(
  k: Kernels,
  architecture: EdgeScorerArchitecture,
  weights: Float32Array,
): Record<'W1' | 'b1' | 'W2' | 'b2', number> {
  const base = k.place(weights);
  const at = { W1: base, b1: base, W2: base, b2: base };
  for (const { name, offset } of tensorPlaces(architecture)) at[name] = base + offset * 4;
  return at;
}
