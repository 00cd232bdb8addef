import type { BenchRow } from './result.ts';

/** The middle value; the mean of the two middle ones for an even number. @throws RangeError for no values */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)];
  const lower = sorted[Math.ceil(half) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('no values to take the median of');
  return (lower + upper) / 2;
}

/** Samples as one row; figures keep five significant digits, more than any measurement here is worth. */
export function rowOf(name: string, unit: string, samples: readonly number[], note?: string): BenchRow {
  return {
    name,
    unit,
    median: significant(median(samples)),
    min: significant(Math.min(...samples)),
    max: significant(Math.max(...samples)),
    runs: samples.length,
    ...(note === undefined ? {} : { note }),
  };
}

/** Rounded to five significant digits. */
export function significant(value: number): number {
  return Number(value.toPrecision(5));
}
