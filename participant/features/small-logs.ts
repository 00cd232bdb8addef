/**
 * ln(1 + n) over a constant, clipped to 4, for counts: most counts are small whole numbers, which a table answers with the
 * very float32 that the formula gives.
 */
const SMALL = 8192;
const HALVES = Float32Array.from({ length: SMALL }, (_, n) => clip(Math.log1p(n) / 2));
const THIRDS = Float32Array.from({ length: SMALL }, (_, n) => clip(Math.log1p(n) / 3));

/** ln(1 + n) / 2 of a whole number n >= 0. */
export function halfLog(n: number): number {
  return n < SMALL ? (HALVES[n] ?? 0) : clip(Math.log1p(n) / 2);
}

/** ln(1 + n) / 3 of a whole number n >= 0. */
export function thirdLog(n: number): number {
  return n < SMALL ? (THIRDS[n] ?? 0) : clip(Math.log1p(n) / 3);
}

/** ln(1 + n) of a count that fades, n >= 0. */
export function fullLog(n: number): number {
  return n === 0 ? 0 : clip(Math.log1p(n));
}

/** To -4..4. */
export function clip(value: number): number {
  return value > 4 ? 4 : value < -4 ? -4 : value;
}
