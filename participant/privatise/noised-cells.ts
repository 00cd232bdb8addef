import type { RandomBytes } from '../../crypto/public/primitives.ts';
import { type CellEncoding, type SumNoise, cellOffset } from '../../models/analytics/sketch-answer.ts';
import { DiscreteGaussian } from './discrete-gaussian.ts';

/**
 * A sketch as it is encrypted: each cell with this member's share of the noise, in the integers, and the offset that keeps
 * it from being negative. A value beyond the range, which the task's bits make rarer than 1e-31 a cell, is set to its end.
 * @param random source of the noise; the system's
 */
export function noisedCells(
  cells: Uint32Array,
  encoding: CellEncoding,
  noise: SumNoise | null,
  random: RandomBytes,
): Uint32Array<ArrayBuffer> {
  const offset = cellOffset(encoding);
  const most = 2 ** encoding.bits - 1;
  const noised = new Uint32Array(cells.length);
  if (noise === null) {
    for (let i = 0; i < cells.length; i++) noised[i] = (cells[i] ?? 0) + offset;
    return noised;
  }
  const gaussian = new DiscreteGaussian(noise.sigma ** 2 / noise.shares, random);
  try {
    for (let i = 0; i < cells.length; i++)
      noised[i] = Math.min(most, Math.max(0, (cells[i] ?? 0) + gaussian.next() + offset));
    return noised;
  } finally {
    gaussian.erase();
  }
}
