import { ModelError } from '../errors.ts';

/**
 * Accounting in zero-concentrated differential privacy (Bun and Steinke 2016): costs rho of releases about the same data add
 * up, and their sum becomes (epsilon, delta) once, at the end.
 */

/** A year of releases, in seconds: 365 days. */
export const YEAR_SECONDS = 365 * 86_400;

/**
 * Least epsilon for which a mechanism of cost `rho` is (epsilon, delta)-DP by the conversion of Canonne, Kamath and Steinke
 * 2020 (proposition 12), best order alpha > 1: rho alpha + ln(1 - 1/alpha) - ln(delta alpha) / (alpha - 1).
 * @param rho at least 0; Infinity gives Infinity
 * @param delta in (0, 1)
 * @throws ModelError VALUE_OUT_OF_RANGE
 */
export function zcdpEpsilon(rho: number, delta: number): number {
  if (!(rho >= 0 && delta > 0 && delta < 1)) {
    throw new ModelError('VALUE_OUT_OF_RANGE', {
      expected: 'a cost of at least 0 and a delta between 0 and 1',
      got: `${rho} and ${delta}`,
      next: 'correct the noise of the task',
    });
  }
  if (rho === 0) return 0;
  if (rho === Infinity) return Infinity;
  const at = (log: number): number => {
    const above = Math.exp(log);
    const alpha = 1 + above;
    return rho * alpha + Math.log1p(-1 / alpha) - Math.log(delta * alpha) / above;
  };
  // Smooth in ln(alpha - 1); a grid finds the valley, thirds its bottom.
  let best = -12;
  for (let log = -12; log <= 25; log += 0.25) if (at(log) < at(best)) best = log;
  let [low, high] = [best - 0.25, best + 0.25];
  for (let i = 0; i < 60; i++) {
    const third = (high - low) / 3;
    if (at(low + third) < at(high - third)) high -= third;
    else low += third;
  }
  return Math.max(0, at((low + high) / 2));
}

/** Greatest rho whose epsilon at this delta is at most `epsilon`; Infinity for Infinity. */
export function zcdpRho(epsilon: number, delta: number): number {
  if (epsilon === Infinity) return Infinity;
  let [low, high] = [0, 1];
  while (zcdpEpsilon(high, delta) < epsilon) high *= 2;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (zcdpEpsilon(middle, delta) <= epsilon) low = middle;
    else high = middle;
  }
  return low;
}

/** How far two neighbouring vectors of whole numbers may be apart. */
export interface Sensitivity {
  /** Square of the L2 distance. */
  readonly squared: number;
  /** Coordinates in which they may differ. */
  readonly coordinates: number;
}

/**
 * rho of the sum of `shares` independent discrete Gaussians, each of variance sigma^2 / shares, added to a vector of whole
 * numbers: epsilon^2 / 2 with the least of the two bounds of Kairouz, Liu and Steinke 2021, "The Distributed Discrete
 * Gaussian Mechanism for Federated Learning with Secure Aggregation", theorem 1. The sum of discrete Gaussians is not quite
 * one itself; tau says how far it is from it, for each coordinate in which neighbours differ.
 * @param sigma of the sum, positive
 * @param shares at least 1; each share's deviation at least 1/2, else the bound says nothing and Infinity comes back
 */
export function distributedGaussianRho(
  { squared, coordinates }: Sensitivity,
  sigma: number,
  shares: number,
): number {
  const variance = sigma ** 2 / shares;
  if (variance < 1 / 4) return Infinity;
  let tau = 0;
  for (let k = 1; k < shares; k++) tau += 10 * Math.exp((-2 * Math.PI ** 2 * variance * k) / (k + 1));
  const distance = squared / sigma ** 2;
  const bounds = [
    distance + (tau * coordinates) / 2,
    (Math.sqrt(distance) + tau * Math.sqrt(coordinates)) ** 2,
  ];
  return Math.min(...bounds) / 2;
}
