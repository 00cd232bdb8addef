/**
 * A model of dense layers, as tools for neural networks describe it: any depth, from a feature row to a logit. Its loss is
 * the weighted binary cross-entropy, its gradients are explicit. Two layers, relu and linear, are the edge scorer to the bit.
 */
import { ModelError } from '../errors.ts';
import { Kernels } from '../kernels/kernels.ts';
import { activate, activateBackward } from '../layers/activations.ts';
import { DenseLayer } from '../layers/dense.ts';
import { placesOf } from '../layers/tensors.ts';
import { SeededStream } from '../seeded-stream.ts';
import { checkLayered, layeredTensors, type LayeredArchitecture } from './layered-architecture.ts';
import { checkVector, shapeOf, type BatchSource, type DetectionModel, type Learner } from './model.ts';

/** The layers as a federation sees them. Throws ModelError VALUE_OUT_OF_RANGE as `checkLayered`. */
export function layeredModel(architecture: LayeredArchitecture): DetectionModel {
  checkLayered(architecture);
  const tensors = layeredTensors(architecture);
  const shape = shapeOf(placesOf(tensors));
  return {
    ...shape,
    architecture,
    body: shapeOf(placesOf(tensors.slice(0, -2))),
    initialWeights: (seed) => {
      const weights = new Float32Array(shape.length);
      const stream = SeededStream.fromNumber(seed);
      let at = 0;
      for (const { rows, columns, bound } of tensors) {
        const end = at + rows * columns;
        if (bound > 0) for (let i = at; i < end; i++) weights[i] = bound * (2 * stream.nextUnit() - 1);
        at = end;
      }
      return weights;
    },
    learner: (kernels, weights, batch) => new LayeredLearner(kernels, architecture, weights, batch),
    scores: (weights, rows) => {
      checkVector(shape, weights, 'weights');
      return scores(architecture, weights, rows);
    },
  };
}

const SCORE_ROWS = 1024;

function scores(architecture: LayeredArchitecture, weights: Float32Array, rows: Float32Array): Float32Array {
  const { inputs } = architecture;
  const n = rows.length / inputs;
  if (!Number.isInteger(n)) {
    throw new ModelError('SHAPE_MISMATCH', {
      expected: `rows of ${inputs} features`,
      got: `${rows.length} values`,
      next: 'use the feature set that the model names',
    });
  }
  const k = Kernels.take();
  try {
    const most = Math.min(SCORE_ROWS, n);
    const at = k.place(weights);
    const x = k.allocate(most * inputs);
    const network = new LayeredNetwork(k, { weights: at, gradient: at }, architecture, most);
    const out = new Float32Array(n);
    for (let from = 0; from < n; from += most) {
      const count = Math.min(most, n - from);
      k.view(x, count * inputs).set(rows.subarray(from * inputs, (from + count) * inputs));
      network.forward(x);
      out.set(k.view(network.logits, count), from);
    }
    return out;
  } finally {
    k.release();
  }
}

/** The layers over a fixed number of rows, in the kernels' memory. */
class LayeredNetwork {
  /** Byte offset of the logits, one a row. */
  readonly logits: number;
  readonly #k: Kernels;
  readonly #rows: number;
  readonly #choices: LayeredArchitecture['layers'];
  readonly #layers: readonly DenseLayer[];

  /** @param at byte offsets of the flat vectors of weights and gradient */
  constructor(
    k: Kernels,
    at: { readonly weights: number; readonly gradient: number },
    architecture: LayeredArchitecture,
    rows: number,
  ) {
    this.#k = k;
    this.#rows = rows;
    this.#choices = architecture.layers;
    const places = placesOf(layeredTensors(architecture));
    let inputs = architecture.inputs;
    this.#layers = architecture.layers.map(({ units }, i) => {
      const offset = 4 * (places[2 * i]?.offset ?? NaN);
      const memory = { weights: at.weights + offset, gradient: at.gradient + offset };
      const layer = new DenseLayer(k, memory, { inputs, outputs: units }, rows);
      inputs = units;
      return layer;
    });
    this.logits = this.#layers.at(-1)?.out ?? NaN;
  }

  /** @param x byte offset of rows x inputs */
  forward(x: number): void {
    let before = x;
    this.#layers.forEach((layer, i) => {
      const { units, activation } = this.#choices[i] ?? NO_LAYER;
      layer.forward(before);
      activate(this.#k, activation, layer.out, this.#rows * units);
      before = layer.out;
    });
  }

  /**
   * Gradients of all weights, after `forward`.
   * @param gradients byte offsets of memory for what comes out of each layer; the last holds that of the logits
   */
  backward(x: number, gradients: readonly number[]): void {
    for (let i = this.#layers.length - 1; i >= 0; i--) {
      const layer = this.#layers[i];
      const { units, activation } = this.#choices[i] ?? NO_LAYER;
      const [gradient, into] = [gradients[i] ?? NaN, i === 0 ? null : (gradients[i - 1] ?? NaN)];
      if (layer === undefined) continue;
      activateBackward(this.#k, activation, layer.out, gradient, this.#rows * units);
      layer.backward([i === 0 ? x : (this.#layers[i - 1]?.out ?? NaN)], gradient, [into]);
    }
  }
}

const NO_LAYER = { units: 0, activation: 'linear' } as const;

class LayeredLearner implements Learner {
  readonly weights: number;
  readonly gradient: number;
  readonly #k: Kernels;
  readonly #rows: number;
  readonly #inputs: number;
  readonly #network: LayeredNetwork;
  readonly #at: Readonly<Record<'x' | 'y' | 'importance', number>>;
  /** Of what comes out of each layer. */
  readonly #gradients: readonly number[];
  /** Made at the first step: whatever is allocated before it may move the memory. */
  #views: readonly [Float32Array, Float32Array, Float32Array] | null = null;

  constructor(k: Kernels, architecture: LayeredArchitecture, weights: Float32Array, batch: number) {
    this.#k = k;
    this.#rows = batch;
    this.#inputs = architecture.inputs;
    this.weights = k.place(weights);
    this.gradient = k.allocate(weights.length);
    this.#network = new LayeredNetwork(k, this, architecture, batch);
    this.#gradients = architecture.layers.map(({ units }) => k.allocate(batch * units));
    this.#at = {
      x: k.allocate(batch * this.#inputs),
      y: k.allocate(batch),
      importance: k.allocate(batch),
    };
  }

  step(source: BatchSource): number {
    const [k, n] = [this.#k, this.#rows];
    const { x, y, importance } = this.#at;
    source(...(this.#views ??= [k.view(x, n * this.#inputs), k.view(y, n), k.view(importance, n)]));
    this.#network.forward(x);
    const dLogits = this.#gradients.at(-1) ?? NaN;
    const loss = k.run.bceWithLogits(this.#network.logits, y, importance, dLogits, n);
    this.#network.backward(x, this.#gradients);
    return loss;
  }
}
