/** What a federation needs of a kind of model: nothing here knows one. `models.ts` maps a task's model to its kind. */
import { ModelError } from '../errors.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { TensorAt } from '../layers/tensors.ts';
import type { EdgeScorerArchitecture } from './architecture.ts';
import type { GraphEncoderArchitecture } from './graph-encoder-architecture.ts';
import type { LayeredArchitecture } from './layered-architecture.ts';

/** A flat vector of weights, or the beginning of one: its tensors in their order, without gaps. */
export interface ModelShape {
  readonly tensors: readonly TensorAt[];
  /** Values of all of them. */
  readonly length: number;
}

/** What fixes the meaning of a weight vector and is hashed together with it: words and numbers by name, and lists of such. */
export type Architecture = EdgeScorerArchitecture | LayeredArchitecture;

/** Fills one batch: `x` (batch x inputs), labels 0 or 1, weights >= 0. */
export type BatchSource = (x: Float32Array, y: Float32Array, weight: Float32Array) => void;

/** A model in the kernels' memory while it is trained. */
export interface Learner {
  /** Byte offsets of the flat vectors of its weights and of their gradient. */
  readonly weights: number;
  readonly gradient: number;
  /**
   * Puts the gradient of the next batch's loss where it belongs; nothing is allocated any more once it was called.
   * @returns the loss
   */
  step(source: BatchSource): number;
}

/** What a federation trains together: flat vectors of `length` values, whatever they are trained on. */
export interface SharedModel extends ModelShape {
  readonly architecture: Architecture | GraphEncoderArchitecture;
  /** The tensors before the output layer, which is what members share where each has a head of its own; maybe none. */
  readonly body: ModelShape;
  /** First weights; the same seed gives the same bits on every machine. */
  initialWeights(seed: number): Float32Array;
}

/** A model of one architecture that takes feature rows. */
export interface DetectionModel extends SharedModel {
  readonly architecture: Architecture;
  /** Copies weights into the kernels' memory, with room for batches of this many rows. */
  learner(kernels: Kernels, weights: Float32Array, batch: number): Learner;
  /** A score for each of the feature rows, higher for more suspicious. Throws ModelError NOT_FINITE, SHAPE_MISMATCH. */
  scores(weights: Float32Array, rows: Float32Array): Float32Array;
}

/** The shape that tensors make up. */
export function shapeOf(tensors: readonly TensorAt[]): ModelShape {
  const last = tensors.at(-1);
  return { tensors, length: last === undefined ? 0 : last.offset + last.length };
}

/**
 * Throws ModelError SHAPE_MISMATCH for a vector of another length, NOT_FINITE naming tensor and index for NaN or
 * infinity. `what` says in the message whose vector it is.
 */
export function checkVector(shape: ModelShape, values: ArrayLike<number>, what: string): void {
  checkLength(shape, values.length, what);
  const bad = findNotFinite(shape, values);
  if (bad !== null) {
    throw new ModelError('NOT_FINITE', {
      expected: `finite numbers in the ${what}`,
      got: `${bad.value} at ${bad.tensor}[${bad.index}]`,
      next: 'lower the learning rate, or look for broken input data',
    });
  }
}

/** Throws ModelError SHAPE_MISMATCH unless it is the length of the flat vector; `what` as in `checkVector`. */
export function checkLength(shape: ModelShape, length: number, what: string): void {
  if (length === shape.length) return;
  throw new ModelError('SHAPE_MISMATCH', {
    expected: `${shape.length} values in the ${what}`,
    got: String(length),
    next: 'check that both sides run the same task',
  });
}

/**
 * The first NaN or infinity with the tensor it stands in, or null.
 * @param from place of the first of the values in the flat vector, where they are a piece of it
 */
export function findNotFinite(
  shape: ModelShape,
  values: ArrayLike<number>,
  from = 0,
): { tensor: string; index: number; value: number } | null {
  if (values instanceof Uint32Array || (values instanceof Float32Array && allFinite(values))) return null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (Number.isFinite(value)) continue;
    const at = from + i;
    const place = shape.tensors.findLast(({ offset }) => offset <= at);
    return { tensor: place?.name ?? '', index: at - (place?.offset ?? 0), value };
  }
  return null;
}

/** By the exponent bits alone, in one type of array: several times as fast as the search that names what it finds. */
function allFinite(values: Float32Array): boolean {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i++) if (((words[i] ?? 0) & 0x7f800000) === 0x7f800000) return false;
  return true;
}
