import type { Kernels } from '../kernels/kernels.ts';
import type { DenseShape } from './dense.ts';
import type { LayerMemory, Tensor } from './tensors.ts';

/**
 * W (inputs x 3 outputs), bx, U (outputs x 3 outputs), bh: columns of the gates r, z, n. First weights are uniform within
 * +-1/sqrt(outputs), biases zero.
 */
export function gruTensors({ inputs, outputs }: DenseShape): Tensor[] {
  const bound = 1 / Math.sqrt(outputs);
  return [
    { name: 'W', rows: inputs, columns: 3 * outputs, bound },
    { name: 'bx', rows: 1, columns: 3 * outputs, bound: 0 },
    { name: 'U', rows: outputs, columns: 3 * outputs, bound },
    { name: 'bh', rows: 1, columns: 3 * outputs, bound: 0 },
  ];
}

/**
 * A gated recurrent unit over steps, for many nodes at once: r = sigmoid(x W_r + bx_r + s U_r + bh_r), z likewise,
 * n = tanh(x W_n + bx_n + r (s U_n + bh_n)), next s = (1 - z) n + z s (Cho et al. 2014, as PyTorch computes it), with
 * back-propagation through all steps. Rows of step t follow those of step t - 1.
 */
export class GruLayer {
  /** (steps + 1) x rows x outputs: the states before the first step, which the caller sets, then after each. */
  readonly states: number;
  readonly #k: Kernels;
  readonly #at: LayerMemory;
  readonly #shape: DenseShape;
  readonly #rows: number;
  readonly #steps: number;
  readonly #gates: number;
  readonly #hidden: number;

  constructor(k: Kernels, at: LayerMemory, shape: DenseShape, rows: number, steps: number) {
    this.#k = k;
    this.#at = at;
    this.#shape = shape;
    this.#rows = rows;
    this.#steps = steps;
    this.states = k.allocate((steps + 1) * rows * shape.outputs);
    this.#gates = k.allocate(steps * rows * 3 * shape.outputs);
    this.#hidden = k.allocate(steps * rows * 3 * shape.outputs);
  }

  /** x: steps x rows x inputs. */
  forward(x: number): void {
    const { inputs, outputs } = this.#shape;
    const { run } = this.#k;
    const rows = this.#rows;
    const { W, bx, U, bh } = this.#tensors(this.#at.weights);
    run.denseForward(x, W, bx, this.#gates, this.#steps * rows, inputs, 3 * outputs);
    for (let step = 0; step < this.#steps; step++) {
      const { gates, hidden, before, after } = this.#step(step);
      run.denseForward(before, U, bh, hidden, rows, outputs, 3 * outputs);
      run.gruForward(gates, hidden, before, after, rows, outputs);
    }
  }

  /**
   * @param dStates gradient of each of the states by itself; becomes what it is through all later steps too
   * @param dx steps x rows x inputs, overwritten; not wanted where null
   */
  backward(x: number, dStates: number, dx: number | null): void {
    const { inputs, outputs } = this.#shape;
    const { run } = this.#k;
    const rows = this.#rows;
    const all = this.#steps * rows;
    const { W, U } = this.#tensors(this.#at.weights);
    const mark = this.#k.mark();
    const [da, du] = [this.#k.allocate(all * 3 * outputs), this.#k.allocate(all * 3 * outputs)];
    const [kept, through] = [this.#k.allocate(rows * outputs), this.#k.allocate(rows * outputs)];
    for (let step = this.#steps - 1; step >= 0; step--) {
      const { gates, hidden, before } = this.#step(step);
      const wide = step * rows * 3 * outputs * 4;
      const dBefore = dStates + step * rows * outputs * 4;
      const dAfter = dBefore + rows * outputs * 4;
      run.gruBackward(gates, hidden, before, dAfter, da + wide, du + wide, kept, rows, outputs);
      run.denseBackwardInput(du + wide, U, through, rows, outputs, 3 * outputs);
      run.add(dBefore, kept, rows * outputs);
      run.add(dBefore, through, rows * outputs);
    }
    const gradient = this.#tensors(this.#at.gradient);
    run.denseBackwardWeights(x, da, gradient.W, gradient.bx, all, inputs, 3 * outputs);
    run.denseBackwardWeights(this.states, du, gradient.U, gradient.bh, all, outputs, 3 * outputs);
    if (dx !== null) run.denseBackwardInput(da, W, dx, all, inputs, 3 * outputs);
    this.#k.rewind(mark);
  }

  /** Byte offsets of what one step reads and writes. */
  #step(step: number): { gates: number; hidden: number; before: number; after: number } {
    const { outputs } = this.#shape;
    const place = step * this.#rows * outputs * 4;
    const before = this.states + place;
    return {
      gates: this.#gates + 3 * place,
      hidden: this.#hidden + 3 * place,
      before,
      after: before + this.#rows * outputs * 4,
    };
  }

  #tensors(base: number): { W: number; bx: number; U: number; bh: number } {
    const { inputs, outputs } = this.#shape;
    const bx = base + inputs * 3 * outputs * 4;
    const U = bx + 3 * outputs * 4;
    return { W: base, bx, U, bh: U + outputs * 3 * outputs * 4 };
  }
}
