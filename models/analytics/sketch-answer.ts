import { ModelError } from '../errors.ts';
import { type SketchShape, cellCap, sketchLength, tablesOf } from './count-sketch.ts';

/** Noise that a sum carries: that of the honest shares has deviation `sigma`, spread over `shares` members. */
export interface SumNoise {
  readonly sigma: number;
  readonly shares: number;
}

/** How a member's cells, which noise makes negative now and then, become whole numbers of `bits` bits. */
export interface CellEncoding {
  readonly bits: number;
}

/** Added to every value so that none is negative. */
export function cellOffset({ bits }: CellEncoding): number {
  return 2 ** (bits - 1);
}

/**
 * Deviations of a member's noise between the greatest count and the end of the range. A discrete Gaussian goes beyond t
 * deviations with a probability of at most 2 exp(-t^2 / 2) (it is sub-Gaussian: Canonne, Kamath and Steinke 2020, corollary
 * 7), so below 1.1e-31 a cell: 4 million cells of 1,024 members in 100,000 periods leave it with less than 5e-17 in all.
 */
const CLEARANCE = 12;

/** Least bits that hold every count with its noise but for a probability that is below 1e-31 a cell. */
export function bitsNeeded({ cap }: Pick<SketchShape, 'cap'>, noise: SumNoise | null): number {
  const deviation = noise === null ? 0 : noise.sigma / Math.sqrt(noise.shares);
  let bits = 2;
  while (2 ** (bits - 1) - 1 < cap + Math.ceil(CLEARANCE * deviation)) bits++;
  return bits;
}

/**
 * Least value that a cell of each table keeps in the answer, in the order of the tables: what fewer than `floor` members
 * could not have caused, and two deviations of the noise of the sum above that. Everything below becomes 0.
 * @param members contributors of the sum, each with its share of the noise
 */
export function leastKept(
  shape: SketchShape,
  {
    floor,
    noise,
    members,
  }: { readonly floor: number; readonly noise: SumNoise | null; readonly members: number },
): number[] {
  const margin = noise === null ? 0 : Math.ceil(2 * noise.sigma * Math.sqrt(members / noise.shares));
  return tablesOf(shape).map((statistic) => (floor - 1) * cellCap(statistic, shape) + 1 + margin);
}

/**
 * The answer to a period: the opened sum without the offsets, with 0 where fewer than the floor could be behind a value.
 * @param sum one value a cell
 * @returns the cells, none negative
 * @throws ModelError SHAPE_MISMATCH for another length, VALUE_OUT_OF_RANGE for a sum that so many members cannot reach
 */
export function answerOf(
  shape: SketchShape,
  encoding: CellEncoding,
  sum: Uint32Array,
  kept: { readonly floor: number; readonly noise: SumNoise | null; readonly members: number },
): Uint32Array<ArrayBuffer> {
  const length = sketchLength(shape);
  const most = kept.members * (2 ** encoding.bits - 1);
  const wrong = sum.length === length ? sum.findIndex((value) => value > most) : -1;
  if (sum.length !== length || wrong >= 0) {
    throw new ModelError(sum.length === length ? 'VALUE_OUT_OF_RANGE' : 'SHAPE_MISMATCH', {
      expected: `${length} sums of at most ${most} (${kept.members} values of ${encoding.bits} bits)`,
      got: sum.length === length ? `${sum[wrong]} at ${wrong}` : `${sum.length} values`,
      next: 'check that the number of contributors is the one of this round',
    });
  }
  const least = leastKept(shape, kept);
  const shift = kept.members * cellOffset(encoding);
  const size = shape.depth * shape.width;
  const cells = new Uint32Array(length);
  for (const [table, bound] of least.entries()) {
    for (let i = table * size; i < (table + 1) * size; i++) {
      const cell = (sum[i] ?? 0) - shift;
      if (cell >= bound) cells[i] = cell;
    }
  }
  return cells;
}
