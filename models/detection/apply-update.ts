import { ModelError } from '../errors.ts';
import { Kernels } from '../kernels/kernels.ts';
import { checkLength, findNotFinite, type ModelShape } from './model.ts';
import { checkQuantiser, quantiserOffset, quantiserScale, type Quantiser } from './quantiser.ts';

/**
 * The next global weights from the opened sum of quantised updates: w + (sum - members * offset) / (scale * members),
 * in float64, rounded once to float32. Coordinator and members run this and must get the same bits.
 * Throws ModelError: SHAPE_MISMATCH for another length, VALUE_OUT_OF_RANGE for a sum that `members` values of
 * `quantiser.bits` bits cannot reach, NOT_FINITE (tensor and index) for broken weights.
 */
export function applyUpdate(
  shape: ModelShape,
  weights: Float32Array,
  sum: Uint32Array,
  members: number,
  quantiser: Quantiser,
): Float32Array {
  checkLength(shape, weights.length, 'weights');
  checkLength(shape, sum.length, 'opened sum');
  const next = new Float32Array(weights.length);
  updateInPieces(shape, members, quantiser)(weights, sum, next, 0);
  return next;
}

/** Values that stand in the kernel's memory at once; a multiple of 4. */
const BLOCK = 16_384;

/** The next weights of a piece: weights and sum of the same places, where the new weights go, and the first place. */
export type UpdatePiece = (weights: Float32Array, sum: Uint32Array, next: Float32Array, from: number) => void;

/**
 * `applyUpdate` for a vector that nobody holds whole; that the pieces make it up is the caller's part. Throws ModelError
 * as `applyUpdate`, SHAPE_MISMATCH for pieces of different lengths.
 */
export function updateInPieces(shape: ModelShape, members: number, quantiser: Quantiser): UpdatePiece {
  const { shift, divisor, most, why } = summed(members, quantiser);
  const mean = meanKernel(shift, divisor, most);
  return (weights, sum, next, from) => {
    checkPiece(weights.length, sum, next);
    for (let at = 0; at < next.length; at += BLOCK) {
      const end = Math.min(at + BLOCK, next.length);
      const sums = sum.subarray(at, end);
      const good = mean(weights.subarray(at, end), sums, next.subarray(at, end));
      if (!good) refuse(shape, sums, next.subarray(at, end), from + at, { most, why });
    }
  };
}

/** How a sum of `members` quantised updates is read: their mean is (sum - shift) / divisor, and no sum is above `most`. */
export function summed(members: number, quantiser: Quantiser) {
  checkQuantiser(quantiser);
  if (!Number.isInteger(members) || members < 1) {
    throw new ModelError('VALUE_OUT_OF_RANGE', {
      expected: 'at least one contributing member',
      got: String(members),
      next: 'apply only sums that were opened',
    });
  }
  return {
    shift: members * quantiserOffset(quantiser),
    divisor: quantiserScale(quantiser) * members,
    most: members * (2 ** quantiser.bits - 1),
    why: `${members} values of ${quantiser.bits} bits`,
  };
}

/** Throws ModelError SHAPE_MISMATCH unless sum and next values are as many as the values before. */
export function checkPiece(length: number, sum: Uint32Array, next: Float32Array): void {
  if (sum.length === length && next.length === length) return;
  throw new ModelError('SHAPE_MISMATCH', {
    expected: `${length} values in every piece`,
    got: `${sum.length} of the sum, ${next.length} of the next weights`,
    next: 'cut weights and sum at the same places',
  });
}

/** One for all: a block is copied in, worked on and copied out in one call, and nothing in it is secret. */
let workplace: ReturnType<typeof makeWorkplace> | undefined;

function makeWorkplace() {
  const kernels = new Kernels();
  const [w = 0, s = 0, out = 0] = [0, 1, 2].map(() => kernels.allocate(BLOCK));
  return { kernels, w, s, out };
}

/** next = float32(weights + (sum - shift) / divisor) for a block; false where something in it is not as it should be. */
function meanKernel(
  shift: number,
  divisor: number,
  most: number,
): (weights: Float32Array, sum: Uint32Array, next: Float32Array) => boolean {
  const limit = Math.min(most, 2 ** 32 - 1);
  return (weights, sum, next) => {
    const { kernels, w, s, out } = (workplace ??= makeWorkplace());
    const sums = new Uint32Array(kernels.run.memory.buffer, s, BLOCK);
    const { length } = next;
    const padded = Math.ceil(length / 4) * 4;
    kernels.view(w, padded).fill(0, length).set(weights);
    sums.fill(0, length, padded).set(sum);
    const good = kernels.run.applyMean(w, s, out, padded, shift, divisor, limit) !== 0;
    next.set(kernels.view(out, length));
    return good;
  };
}

/** Names what is wrong with a piece of a sum, or with what became of it: throws VALUE_OUT_OF_RANGE or NOT_FINITE. */
export function refuse(
  shape: ModelShape,
  sum: Uint32Array,
  next: Float32Array,
  from: number,
  { most, why }: { readonly most: number; readonly why: string },
): never {
  const index = sum.findIndex((total) => total > most);
  if (index >= 0) {
    throw new ModelError('VALUE_OUT_OF_RANGE', {
      expected: `sums of at most ${most} (${why})`,
      got: `${sum[index]} at index ${from + index}`,
      next: 'check that the number of contributors is the one of this round',
    });
  }
  const bad = findNotFinite(shape, next, from);
  throw new ModelError('NOT_FINITE', {
    expected: 'finite numbers in the weights after the update',
    got: bad === null ? 'another' : `${bad.value} at ${bad.tensor}[${bad.index}]`,
    next: 'lower the learning rate, or look for broken input data',
  });
}
