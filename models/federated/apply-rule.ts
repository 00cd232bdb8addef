import { checkPiece, refuse, summed, updateInPieces } from '../detection/apply-update.ts';
import type { ModelShape } from '../detection/model.ts';
import type { Quantiser } from '../detection/quantiser.ts';
import type { ServerRule } from './optimiser.ts';

/**
 * Writes the next values of one section (0 the weights, then the memory in its order) at the places of a piece.
 * @param before the sections at these places, single ones whole; the weights alone where the memory is as it begins
 * @param from the first of the places
 */
export type RulePiece = (
  section: number,
  before: readonly Float32Array[],
  sum: Uint32Array,
  next: Float32Array,
  from: number,
) => void;

/**
 * What a rule makes of an opened sum of `members` quantised updates, piece by piece: in float64, rounded once to float32.
 * Throws ModelError as `updateInPieces`, whose kernel does the work where there is no memory.
 */
export function ruleInPieces(
  shape: ModelShape,
  rule: ServerRule,
  members: number,
  quantiser: Quantiser,
): RulePiece {
  if (rule.memory.length === 0) {
    const update = updateInPieces(shape, members, quantiser);
    return (_section, [weights = NONE], sum, next, from) => {
      update(weights, sum, next, from);
    };
  }
  const { shift, divisor, most, why } = summed(members, quantiser);
  return (section, [w = NONE, a, b], sum, next, from) => {
    const kept = rule.memory[section - 1];
    checkPiece(kept?.single ? 1 : w.length, sum, next);
    const [firstA = 0, firstB = 0] = rule.memory.map(({ first }) => first);
    const value = rule.next[section] ?? rule.next[0];
    if (!value) return;
    for (let i = 0; i < next.length; i++) {
      const total = sum[i] ?? 0;
      next[i] =
        total > most ? NaN : value((total - shift) / divisor, w[i] ?? 0, a?.[i] ?? firstA, b?.[i] ?? firstB);
    }
    if (next.every(Number.isFinite)) return;
    const nameOf = (tensor: string) => (kept ? `${kept.name} of ${tensor}` : tensor);
    const tensors = shape.tensors.map((one) => ({ ...one, name: nameOf(one.name) }));
    refuse({ ...shape, tensors }, sum, next, from, { most, why });
  };
}

const NONE = new Float32Array(0);
