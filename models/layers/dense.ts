import type { Kernels } from '../kernels/kernels.ts';
import type { LayerMemory, Tensor } from './tensors.ts';

export interface DenseShape {
  readonly inputs: number;
  readonly outputs: number;
}

/** W (inputs x outputs) and b (outputs), W within +-sqrt(6 / fan) (He et al. 2015 with fan = inputs), b zero. */
export function denseTensors({ inputs, outputs }: DenseShape, fan = inputs): Tensor[] {
  return [
    { name: 'W', rows: inputs, columns: outputs, bound: Math.sqrt(6 / fan) },
    { name: 'b', rows: 1, columns: outputs, bound: 0 },
  ];
}

/**
 * y = x W + b over a fixed number of rows, where the columns of x may lie in several matrices side by side
 * (`parts`: their widths, which add up to `inputs`). Memory is taken when it is made.
 */
export class DenseLayer {
  readonly out: number;
  readonly #k: Kernels;
  readonly #at: LayerMemory;
  readonly #shape: DenseShape;
  readonly #parts: readonly number[];
  readonly #rows: number;

  constructor(
    k: Kernels,
    at: LayerMemory,
    shape: DenseShape,
    rows: number,
    parts: readonly number[] = [shape.inputs],
  ) {
    this.#k = k;
    this.#at = at;
    this.#shape = shape;
    this.#parts = parts;
    this.#rows = rows;
    this.out = k.allocate(rows * shape.outputs);
  }

  /** One matrix (rows x its width) for each part. */
  forward(...parts: readonly number[]): void {
    const { outputs } = this.#shape;
    const { run } = this.#k;
    this.#each(parts, ({ x, width, first }) => {
      const w = this.#at.weights + first * outputs * 4;
      if (first === 0)
        run.denseForward(x, w, this.#bias(this.#at.weights), this.out, this.#rows, width, outputs);
      else run.denseAdd(x, w, this.out, this.#rows, width, outputs);
    });
  }

  /**
   * Gradients of W and b for dOut (rows x outputs), and those of the parts: dParts[i], overwritten, where it is not null.
   */
  backward(parts: readonly number[], dOut: number, dParts: readonly (number | null)[]): void {
    const { outputs } = this.#shape;
    const { run } = this.#k;
    const { weights, gradient } = this.#at;
    this.#each(parts, ({ x, width, first }, i) => {
      const place = first * outputs * 4;
      // The bias's gradient is the same each time.
      run.denseBackwardWeights(x, dOut, gradient + place, this.#bias(gradient), this.#rows, width, outputs);
      const dx = dParts[i] ?? null;
      if (dx !== null) run.denseBackwardInput(dOut, weights + place, dx, this.#rows, width, outputs);
    });
  }

  #bias(base: number): number {
    return base + this.#shape.inputs * this.#shape.outputs * 4;
  }

  #each(
    parts: readonly number[],
    visit: (part: { x: number; width: number; first: number }, i: number) => void,
  ): void {
    let first = 0;
    this.#parts.forEach((width, i) => {
      visit({ x: parts[i] ?? NaN, width, first }, i);
      first += width;
    });
  }
}
