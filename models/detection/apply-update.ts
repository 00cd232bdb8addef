import { ModelError } from '../errors.ts';
import { checkVector, type EdgeScorerArchitecture } from './architecture.ts';
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
  checkQuantiser(quantiser);
  checkVector(architecture, weights, 'weights');
  checkVector(architecture, sum, 'opened sum');
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
  const next = new Float32Array(weights.length);
  for (let i = 0; i < next.length; i++) {
    const total = sum[i] ?? 0;
    if (total > most) {
      throw new ModelError('VALUE_OUT_OF_RANGE', {
        expected: `sums of at most ${most} (${members} values of ${quantiser.bits} bits)`,
        got: `${total} at index ${i}`,
        next: 'check that the number of contributors is the one of this round',
      });
    }
    next[i] = (weights[i] ?? 0) + (total - shift) / divisor;
  }
  checkVector(architecture, next, 'weights after the update');
  return next;
}
