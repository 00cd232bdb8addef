import type { Kernels } from '../kernels/kernels.ts';
import type { PlacedCsr } from './csr.ts';
import { DenseLayer, denseTensors, type DenseShape } from './dense.ts';
import type { LayerMemory, Tensor } from './tensors.ts';

/** Ws and Wn (inputs x outputs each, one below the other as W) and b (outputs). */
export function meanAggregationTensors({ inputs, outputs }: DenseShape): Tensor[] {
  return denseTensors({ inputs: 2 * inputs, outputs });
}

/**
 * y = relu(x Ws + mean over neighbours(x) Wn + b) for every node (GraphSAGE with the mean aggregator, Hamilton et al.
 * 2017, section 3.3, without normalisation). The mean of no neighbours is 0.
 */
export class MeanAggregationLayer {
  readonly out: number;
  readonly #k: Kernels;
  readonly #shape: DenseShape;
  readonly #neighbours: PlacedCsr;
  readonly #dense: DenseLayer;
  readonly #mean: number;

  /** `neighbours`: nodes x nodes. */
  constructor(k: Kernels, at: LayerMemory, shape: DenseShape, neighbours: PlacedCsr) {
    const { inputs, outputs } = shape;
    this.#k = k;
    this.#shape = shape;
    this.#neighbours = neighbours;
    this.#mean = k.allocate(neighbours.rows * inputs);
    this.#dense = new DenseLayer(k, at, { inputs: 2 * inputs, outputs }, neighbours.rows, [inputs, inputs]);
    this.out = this.#dense.out;
  }

  /** x: nodes x inputs. */
  forward(x: number): void {
    this.#neighbours.mean(x, this.#mean, this.#shape.inputs);
    this.#dense.forward(x, this.#mean);
    this.#k.run.relu(this.out, this.#neighbours.rows * this.#shape.outputs);
  }

  /** Gradients of the parameters for dOut (nodes x outputs), which is overwritten, and of x into `dx` unless null. */
  backward(x: number, dOut: number, dx: number | null): void {
    const { inputs, outputs } = this.#shape;
    const { rows } = this.#neighbours;
    this.#k.run.reluBackward(this.out, dOut, rows * outputs);
    if (dx === null) {
      this.#dense.backward([x, this.#mean], dOut, [null, null]);
      return;
    }
    const mark = this.#k.mark();
    const [dMean, through] = [this.#k.allocate(rows * inputs), this.#k.allocate(rows * inputs)];
    this.#dense.backward([x, this.#mean], dOut, [dx, dMean]);
    this.#neighbours.meanBackward(dMean, through, inputs);
    this.#k.run.add(dx, through, rows * inputs);
    this.#k.rewind(mark);
  }
}
