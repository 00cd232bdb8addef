import { YEAR_SECONDS, distributedGaussianRho, zcdpEpsilon } from '../privacy/zcdp.ts';
import { type SketchShape, accountSensitivity } from './count-sketch.ts';
import type { SumNoise } from './sketch-answer.ts';

/** What of a sketch task its privacy follows from. */
export interface PrivateSketch {
  readonly rounds: number;
  readonly period: { readonly seconds: number };
  readonly sketch: SketchShape;
  readonly noise: SumNoise | null;
}

/**
 * What the sums of a sketch task may tell of one account at one member: how much likelier, by a factor of at most e^epsilon
 * but for a probability of delta, anything that is seen becomes by what the account did there.
 */
export interface SketchPrivacy {
  /** Cost of one period in zCDP; Infinity without noise. */
  readonly rho: number;
  /** L2 distance by which one account moves a member's sketch of a period. */
  readonly sensitivity: number;
  readonly delta: number;
  /** What the account did in one period. */
  readonly periodEpsilon: number;
  readonly periodsAYear: number;
  /** What it did in all periods of this run, of a year at most. */
  readonly runEpsilon: number;
  /** What it did in a whole year of periods. */
  readonly yearEpsilon: number;
}

/** @param delta in (0, 1) */
export function sketchPrivacy(
  { rounds, period, sketch, noise }: PrivateSketch,
  delta: number,
): SketchPrivacy {
  const moved = accountSensitivity(sketch);
  const rho = noise === null ? Infinity : distributedGaussianRho(moved, noise.sigma, noise.shares);
  const periodsAYear = Math.floor(YEAR_SECONDS / period.seconds);
  return {
    rho,
    sensitivity: Math.sqrt(moved.squared),
    delta,
    periodEpsilon: zcdpEpsilon(rho, delta),
    periodsAYear,
    runEpsilon: zcdpEpsilon(rho * Math.min(rounds, periodsAYear), delta),
    yearEpsilon: zcdpEpsilon(rho * periodsAYear, delta),
  };
}
