import { SHARE_PRIME } from './params.ts';

/** x^-1 in F_131071 by Fermat; products of 34 bits are exact. */
function inverse(x: number): number {
  let result = 1;
  for (let base = x, e = SHARE_PRIME - 2; e > 0; e >>= 1, base = (base * base) % SHARE_PRIME) {
    if (e & 1) result = (result * base) % SHARE_PRIME;
  }
  return result;
}

/**
 * Lagrange factors over F_131071: f(at) = sum of factor_j * f(points_j) for every polynomial f of degree below the number
 * of points (Shamir 1979).
 * @param points distinct, each 0..131070
 */
export function lagrangeFactors(points: readonly number[], at: number): number[] {
  const reduce = (x: number): number => ((x % SHARE_PRIME) + SHARE_PRIME) % SHARE_PRIME;
  return points.map((xj) => {
    let numerator = 1;
    let denominator = 1;
    for (const xi of points) {
      if (xi === xj) continue;
      numerator = (numerator * reduce(at - xi)) % SHARE_PRIME;
      denominator = (denominator * reduce(xj - xi)) % SHARE_PRIME;
    }
    return (numerator * inverse(denominator)) % SHARE_PRIME;
  });
}
