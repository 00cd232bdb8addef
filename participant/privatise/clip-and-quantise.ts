/**
 * An update becomes whole numbers: clipped to the norm that the task allows, scaled, rounded at random without bias, and
 * shifted to be non-negative. Rounding is conditioned on the norm of the whole numbers, as in algorithm 1 of Kairouz, Liu
 * and Steinke 2021, "The Distributed Discrete Gaussian Mechanism for Federated Learning with Secure Aggregation", so that
 * no rounding can carry one member's influence beyond a fixed bound.
 */
import type { ValueSource } from '../../crypto/secret/encrypt.ts';
import { findNotFinite, type ModelShape } from '../../models/detection/model.ts';
import { checkQuantiser, quantiserScale, type Quantiser } from '../../models/detection/quantiser.ts';
import { RoundedUpdate } from '../../models/detection/rounding.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { SeededRoundingBits } from './rounding-bits.ts';

/** One member's vector as it is encrypted, and what was done to it. */
export interface QuantisedUpdate {
  /** Each in [0, 2^bits), made from the update when it is read; it holds the update, so that must not change. */
  readonly values: Required<ValueSource>;
  /** L2 norm of the update before clipping. */
  readonly norm: number;
  /** Factor that clipping applied: 1 where the norm was within the limit. */
  readonly clippedBy: number;
  /** Coordinates that left the range of `bits` bits and were set to its end. */
  readonly saturated: number;
  /** Roundings that were drawn again because the norm left its bound. */
  readonly redrawn: number;
}

/** exp(-1/2) as beta gives sqrt(2 ln(1 / beta)) = 1 in the bound; a draw then succeeds with probability above 0.39. */
const MAX_DRAWS = 200;

/**
 * Throws CordonError NOT_FINITE naming tensor and index for NaN or infinity in the update, SHAPE_MISMATCH for another
 * length than the shape's, INTERNAL should no rounding stay within the bound. What is refused is erased.
 */
export function clipAndQuantise(
  shape: ModelShape,
  delta: Float32Array,
  quantiser: Quantiser,
  bits: SeededRoundingBits,
): QuantisedUpdate {
  checkQuantiser(quantiser);
  checkLength(shape, delta);
  const scale = quantiserScale(quantiser);
  const update = new RoundedUpdate(delta, bits, quantiser);
  const erase = () => {
    update.erase();
    bits.erase();
  };
  try {
    const norm = update.norm();
    if (!Number.isFinite(norm)) throw notFinite(shape, delta);
    const clippedBy = norm > quantiser.clipNorm ? quantiser.clipNorm / norm : 1;
    const factor = clippedBy * scale;
    const bound = roundedNormBound(quantiser.clipNorm * scale, delta.length);
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const rounded = update.rounded(draw, factor);
      if (rounded.norm > bound) continue;
      const values = {
        length: delta.length,
        read: (from: number, count: number) => update.read(draw, factor, from, count),
        erase,
      };
      return { values, norm, clippedBy, saturated: rounded.saturated, redrawn: draw };
    }
    throw new CordonError('INTERNAL', {
      expected: `a rounding of norm at most ${bound} within ${MAX_DRAWS} draws`,
      got: 'none',
      next: 'report this with the seed of the run',
    });
  } catch (error) {
    erase();
    throw error;
  }
}

/**
 * Greatest norm of the rounded vector (their conditional randomised rounding, unit granularity, beta = exp(-1/2)) for a norm of `c`
 * before rounding and `d` coordinates.
 */
export function roundedNormBound(c: number, d: number): number {
  const certain = (c + Math.sqrt(d)) ** 2;
  const likely = c * c + d / 4 + c + Math.sqrt(d) / 2;
  return Math.sqrt(Math.min(certain, likely));
}

function checkLength(shape: ModelShape, delta: Float32Array): void {
  const expected = shape.length;
  if (delta.length === expected) return;
  throw new CordonError('SHAPE_MISMATCH', {
    expected: `an update of ${expected} values`,
    got: String(delta.length),
    next: 'train the model that the task names',
  });
}

function notFinite(shape: ModelShape, delta: Float32Array): CordonError {
  const bad = findNotFinite(shape, delta);
  return new CordonError('NOT_FINITE', {
    expected: 'finite numbers in the update',
    got: bad === null ? 'a norm that is not' : `${bad.value} at ${bad.tensor}[${bad.index}]`,
    next: 'nothing was sent; lower the learning rate, or look for broken input data',
  });
}
