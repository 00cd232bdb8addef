/** The tensors of a network, one after the other in one flat vector, each row-major. */

/** A matrix of parameters; a bias has one row. */
export interface Tensor {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** First values are uniform within +-`bound`. */
  readonly bound: number;
}

/** Where a tensor lies in the flat vector, in values. */
export interface TensorAt {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** Places of the tensors in their order, without gaps. */
export function placesOf(tensors: readonly Tensor[]): TensorAt[] {
  let offset = 0;
  return tensors.map(({ name, rows, columns }) => {
    const length = rows * columns;
    offset += length;
    return { name, offset: offset - length, length };
  });
}

/** Values in the flat vector. */
export function totalLength(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
}

/** The same with a prefix to their names: tensors of a layer within a network. */
export function named(prefix: string, tensors: readonly Tensor[]): Tensor[] {
  return tensors.map((tensor) => ({ ...tensor, name: `${prefix}.${tensor.name}` }));
}

/** Parameters of a layer in the kernels' memory, and where their gradient goes: byte offsets of the first tensor. */
export interface LayerMemory {
  readonly weights: number;
  readonly gradient: number;
}
