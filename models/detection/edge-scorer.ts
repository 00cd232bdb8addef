/**
 * The edge scorer: a perceptron with one hidden layer, or none, that gives an authentication event, seen through its
 * features, a logit of being malicious. Its loss is the weighted binary cross-entropy, its gradients are explicit.
 */
import { ModelError } from '../errors.ts';
import { Kernels } from '../kernels/kernels.ts';
import { placesOf } from '../layers/tensors.ts';
import { SeededStream } from '../seeded-stream.ts';
import {
  checkArchitecture,
  edgeScorerTensors,
  tensorPlaces,
  weightCount,
  type EdgeScorerArchitecture,
} from './architecture.ts';
import { checkVector, shapeOf, type BatchSource, type DetectionModel, type Learner } from './model.ts';

/** The edge scorer as a federation sees it. Throws ModelError VALUE_OUT_OF_RANGE for sizes out of range. */
export function edgeScorerModel(architecture: EdgeScorerArchitecture): DetectionModel {
  checkArchitecture(architecture);
  return {
    ...shapeOf(tensorPlaces(architecture)),
    architecture,
    body: shapeOf(placesOf(edgeScorerTensors(architecture).body)),
    initialWeights: (seed) => initialWeights(architecture, seed),
    learner: (kernels, weights, batch) => new EdgeLearner(kernels, architecture, weights, batch),
    scores: (weights, rows) => forwardScores(architecture, weights, rows),
  };
}

/**
 * First weights from a seed, biases zero; `edgeScorerTensors` has the ranges. Square root is exact in IEEE 754, so every
 * machine gets the same bits.
 */
export function initialWeights(architecture: EdgeScorerArchitecture, seed: number): Float32Array {
  checkArchitecture(architecture);
  const weights = new Float32Array(weightCount(architecture));
  const stream = SeededStream.fromNumber(seed);
  const { body, head } = edgeScorerTensors(architecture);
  let at = 0;
  for (const { rows, columns, bound } of [...body, ...head]) {
    const end = at + rows * columns;
    if (bound > 0) for (let i = at; i < end; i++) weights[i] = bound * (2 * stream.nextUnit() - 1);
    at = end;
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
  checkVector(shapeOf(tensorPlaces(architecture)), weights, 'weights');
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
    const at = placesAt(k.place(weights), architecture);
    const most = Math.min(SCORE_ROWS, n);
    const [x, a, z] = [k.allocate(most * d), k.allocate(most * h), k.allocate(most)];
    const scores = new Float32Array(n);
    for (let from = 0; from < n; from += most) {
      const count = Math.min(most, n - from);
      k.view(x, count * d).set(rows.subarray(from * d, (from + count) * d));
      forward(k, architecture, at, { x, a, z }, count);
      scores.set(k.view(z, count), from);
    }
    return scores;
  } finally {
    k.release();
  }
}

/** Byte offsets of the tensors. */
type Places = Readonly<Record<'W1' | 'b1' | 'W2' | 'b2', number>>;

/** Byte offsets of a batch's rows, hidden units and logits. */
interface Batch {
  readonly x: number;
  readonly a: number;
  readonly z: number;
}

class EdgeLearner implements Learner {
  readonly weights: number;
  readonly gradient: number;
  readonly #k: Kernels;
  readonly #architecture: EdgeScorerArchitecture;
  readonly #at: Places;
  readonly #gradients: Places;
  readonly #memory: Batch & Readonly<Record<'y' | 'importance' | 'da' | 'dz', number>>;
  readonly #rows: number;
  /** Made at the first step: whatever is allocated before it may move the memory. */
  #views: readonly [Float32Array, Float32Array, Float32Array] | null = null;

  constructor(k: Kernels, architecture: EdgeScorerArchitecture, weights: Float32Array, batch: number) {
    const { inputs: d, hidden: h } = architecture;
    this.#k = k;
    this.#architecture = architecture;
    this.#rows = batch;
    this.weights = k.place(weights);
    this.gradient = k.allocate(weights.length);
    this.#at = placesAt(this.weights, architecture);
    this.#gradients = placesAt(this.gradient, architecture);
    const [x, y, importance] = [k.allocate(batch * d), k.allocate(batch), k.allocate(batch)];
    const [a, da] = [k.allocate(batch * h), k.allocate(batch * h)];
    const [z, dz] = [k.allocate(batch), k.allocate(batch)];
    this.#memory = { x, y, importance, a, da, z, dz };
  }

  step(source: BatchSource): number {
    const { inputs: d, hidden: h } = this.#architecture;
    const [k, at, to, n] = [this.#k, this.#at, this.#gradients, this.#rows];
    const { run } = k;
    const { x, y, importance, a, da, z, dz } = this.#memory;
    source(...(this.#views ??= [k.view(x, n * d), k.view(y, n), k.view(importance, n)]));
    forward(k, this.#architecture, at, this.#memory, n);
    const loss = run.bceWithLogits(z, y, importance, dz, n);
    if (h === 0) {
      run.denseBackwardWeights(x, dz, to.W2, to.b2, n, d, 1);
      return loss;
    }
    run.denseBackwardWeights(a, dz, to.W2, to.b2, n, h, 1);
    run.denseBackwardInput(dz, at.W2, da, n, h, 1);
    run.reluBackward(a, da, n * h);
    run.denseBackwardWeights(x, da, to.W1, to.b1, n, d, h);
    return loss;
  }
}

/** Logits of the rows at `x`. */
function forward(
  { run }: Kernels,
  { inputs: d, hidden: h }: EdgeScorerArchitecture,
  at: Places,
  { x, a, z }: Batch,
  n: number,
): void {
  if (h === 0) {
    run.denseForward(x, at.W2, at.b2, z, n, d, 1);
    return;
  }
  run.denseForward(x, at.W1, at.b1, a, n, d, h);
  run.relu(a, n * h);
  run.denseForward(a, at.W2, at.b2, z, n, h, 1);
}

/** @param base byte offset of the flat vector */
function placesAt(base: number, architecture: EdgeScorerArchitecture): Places {
  const offsets = tensorPlaces(architecture).map(({ name, offset }) => [name, base + offset * 4]);
  return { W1: base, b1: base, ...(Object.fromEntries(offsets) as Partial<Places>) } as Places;
}
