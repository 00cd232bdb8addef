import { ModelError } from '../errors.ts';
import { checkVector, findNotFinite, type EdgeScorerArchitecture } from './architecture.ts';
import { checkQuantiser, quantiserOffset, quantiserScale, type Quantiser } from './quantiser.ts';

/**
 * The next global weights from the opened sum of quantised updates: w + (sum - members * offset) / (scale * members),
 * in float64, rounded once to float32. Coordinator and members run this and must get the same bits.
 * Throws ModelError: SHAPE_MISMATCH for another length, VALUE_OUT_OF_RANGE for a sum that `members` values of
 * `quantiser.bits` bits cannot reach, NOT_FINITE (tensor and index) for broken weights.
 */
export function applyUpdate(
  architecture: EdgeScorerArchitecture,
  weights: Float32Array,
  sum: Uint32Array,
  members: number,
  quantiser: Quantiser,
): Float32Array {
  checkVector(architecture, weights, 'weights');
  checkVector(architecture, sum, 'opened sum');
  const next = new Float32Array(weights.length);
  updateInPieces(architecture, members, quantiser)(weights, sum, next);
  return next;
}

/** The next piece: weights and sum of the same places, from the first to the last, and where the new weights go. */
export type UpdatePiece = (weights: Float32Array, sum: Uint32Array, next: Float32Array) => void;

/**
 * `applyUpdate` for a vector that nobody holds whole. The pieces come in order; that they make up the whole vector is
 * the caller's part. Throws ModelError as `applyUpdate`, SHAPE_MISMATCH for pieces of different lengths.
 */
export function updateInPieces(
  architecture: EdgeScorerArchitecture,
  members: number,
  quantiser: Quantiser,
): UpdatePiece {
  checkQuantiser(quantiser);
  if (!Number.isInteger(members) || members < 1) {
    throw new ModelError('VALUE_OUT_OF_RANGE', {
      expected: 'at least one contributing member',
      got: String(members),
      next: 'apply only sums that were opened',
    });
  }
  const most = members * (2 ** quantiser.bits - 1);
  const shift = members * quantiserOffset(quantiser);
  const divisor = quantiserScale(quantiser) * members;
  let from = 0;
  return (weights, sum, next) => {
    if (sum.length !== weights.length || next.length !== weights.length) {
      throw new ModelError('SHAPE_MISMATCH', {
        expected: `${weights.length} values in every piece`,
        got: `${sum.length} of the sum, ${next.length} of the next weights`,
        next: 'cut weights and sum at the same places',
      });
    }
    for (let i = 0; i < next.length; i++) {
      const total = sum[i] ?? 0;
      if (total > most) {
        throw new ModelError('VALUE_OUT_OF_RANGE', {
          expected: `sums of at most ${most} (${members} values of ${quantiser.bits} bits)`,
          got: `${total} at index ${from + i}`,
          next: 'check that the number of contributors is the one of this round',
        });
      }
      next[i] = (weights[i] ?? 0) + (total - shift) / divisor;
    }
    checkPiece(architecture, next, from);
    from += next.length;
  };
}

function checkPiece(architecture: EdgeScorerArchitecture, piece: Float32Array, from: number): void {
  const bad = findNotFinite(architecture, piece, from);
  if (bad === null) return;
  throw new ModelError('NOT_FINITE', {
    expected: 'finite numbers in the weights after the update',
    got: `${bad.value} at ${bad.tensor}[${bad.index}]`,
    next: 'lower the learning rate, or look for broken input data',
  });
}
