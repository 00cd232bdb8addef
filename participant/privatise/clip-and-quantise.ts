/**
 * An update becomes whole numbers: clipped to the norm that the task allows, scaled, rounded at random without bias, and
 * shifted to be non-negative. Rounding is conditioned on the norm of the whole numbers, as in algorithm 1 of Kairouz, Liu
 * and Steinke 2021, "The Distributed Discrete Gaussian Mechanism for Federated Learning with Secure Aggregation", so that
 * no rounding can carry one member's influence beyond a fixed bound.
 */
import {
  findNotFinite,
  weightCount,
  type EdgeScorerArchitecture,
} from '../../models/detection/architecture.ts';
import {
  checkQuantiser,
  quantiserOffset,
  quantiserScale,
  type Quantiser,
} from '../../models/detection/quantiser.ts';
import { CordonError } from '../../protocol/errors.ts';

/** Uniform numbers in [0, 1) from a stream that the caller decides. */
export interface UnitStream {
  nextUnit(): number;
}

/** One member's vector as it is encrypted, and what was done to it. */
export interface QuantisedUpdate {
  /** Each in [0, 2^bits). */
  readonly values: Uint32Array;
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
 * length than the architecture's, INTERNAL should no rounding stay within the bound.
 */
export function clipAndQuantise(
  architecture: EdgeScorerArchitecture,
  delta: Float32Array,
  quantiser: Quantiser,
  rng: UnitStream,
): QuantisedUpdate {
  checkQuantiser(quantiser);
  checkDelta(architecture, delta);
  const scale = quantiserScale(quantiser);
  const norm = l2(delta);
  const clippedBy = norm > quantiser.clipNorm ? quantiser.clipNorm / norm : 1;
  const scaled = Float64Array.from(delta, (value) => value * clippedBy * scale);
  const bound = roundedNormBound(quantiser.clipNorm * scale, delta.length);
  for (let redrawn = 0; redrawn < MAX_DRAWS; redrawn++) {
    const rounded = scaled.map((value) => {
      const floor = Math.floor(value);
      return floor + (rng.nextUnit() < value - floor ? 1 : 0);
    });
    if (l2(rounded) > bound) continue;
    return { ...shift(rounded, quantiser), norm, clippedBy, redrawn };
  }
  throw new CordonError('INTERNAL', {
    expected: `a rounding of norm at most ${bound} within ${MAX_DRAWS} draws`,
    got: 'none',
    next: 'report this with the seed of the run',
  });
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

function checkDelta(architecture: EdgeScorerArchitecture, delta: Float32Array): void {
  const expected = weightCount(architecture);
  if (delta.length !== expected) {
    throw new CordonError('SHAPE_MISMATCH', {
      expected: `an update of ${expected} values`,
      got: String(delta.length),
      next: 'train the model that the task names',
    });
  }
  const bad = findNotFinite(architecture, delta);
  if (bad === null) return;
  throw new CordonError('NOT_FINITE', {
    expected: 'finite numbers in the update',
    got: `${bad.value} at ${bad.tensor}[${bad.index}]`,
    next: 'nothing was sent; lower the learning rate, or look for broken input data',
  });
}

function shift(rounded: Float64Array, quantiser: Quantiser): { values: Uint32Array; saturated: number } {
  const offset = quantiserOffset(quantiser);
  const values = new Uint32Array(rounded.length);
  let saturated = 0;
  rounded.forEach((value, i) => {
    const kept = Math.min(Math.max(value, -offset), offset - 1);
    if (kept !== value) saturated++;
    values[i] = kept + offset;
  });
  return { values, saturated };
}

function l2(values: Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}
