/**
 * What a figure is over several seeds, and by how much two methods differ on the same seeds: a mean with its 95 % interval
 * by Student's t, and one by the bootstrap beside it.
 */
import { ModelError } from '../errors.ts';
import { SeededStream } from '../seeded-stream.ts';
import { studentCdf, studentQuantile } from './student.ts';
import { mean } from './summary.ts';

/** From the low end to the high end, both included. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A mean over `n` values that exist. */
export interface MeanInterval {
  readonly n: number;
  /** null without a value. */
  readonly mean: number | null;
  /** Sample standard deviation (n - 1); this and the intervals are null for fewer than two values. */
  readonly deviation: number | null;
  /** 95 % by Student's t: right where the values are normal, and honest about few of them. */
  readonly interval: Interval | null;
  /**
   * 95 % by percentiles of the means of resamples (Efron 1979). It assumes no distribution, but is too narrow for fewer
   * than about ten values: read it beside the other, not for it.
   */
  readonly bootstrap: Interval | null;
}

/** A mean difference, over the `n` pairs where both values exist. */
export interface PairedDifference extends MeanInterval {
  /** Two-sided p of the paired t test; null where it is undefined (fewer than two pairs, or all differences the same). */
  readonly p: number | null;
}

const CONFIDENCE = 0.95;
const RESAMPLES = 10_000;
/** Up to so many values all n^n resamples are gone through instead of a sample of them. */
const EXACT = 6;

/** Mean and intervals of one figure over seeds; null values are left out. */
export function meanInterval(values: readonly (number | null)[]): MeanInterval {
  const known = values.filter((value) => value !== null);
  const n = known.length;
  const centre = mean(known);
  if (centre === null || n < 2) return { n, mean: centre, deviation: null, interval: null, bootstrap: null };
  const squares = known.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const deviation = Math.sqrt(squares / (n - 1));
  const half = (studentQuantile(CONFIDENCE, n - 1) * deviation) / Math.sqrt(n);
  return {
    n,
    mean: centre,
    deviation,
    interval: { low: centre - half, high: centre + half },
    bootstrap: bootstrap(known),
  };
}

/**
 * How much greater `a` is than `b`, seed by seed in the same order.
 * @throws ModelError SHAPE_MISMATCH where one list is longer
 */
export function pairedDifference(
  a: readonly (number | null)[],
  b: readonly (number | null)[],
): PairedDifference {
  if (a.length !== b.length) {
    throw new ModelError('SHAPE_MISMATCH', {
      expected: `${a.length} values to compare with, one a seed`,
      got: String(b.length),
      next: 'compare the same seeds in the same order',
    });
  }
  const differences = a.map((value, i) => {
    const other = b[i] ?? null;
    return value === null || other === null ? null : value - other;
  });
  const all = meanInterval(differences);
  const { n, mean: centre, deviation } = all;
  if (centre === null || deviation === null || deviation === 0) return { ...all, p: null };
  return { ...all, p: 2 * studentCdf(-Math.abs(centre / (deviation / Math.sqrt(n))), n - 1) };
}

function bootstrap(values: readonly number[]): Interval {
  const means = values.length <= EXACT ? allMeans(values) : sampledMeans(values);
  means.sort();
  const tail = (1 - CONFIDENCE) / 2;
  return { low: percentile(means, tail), high: percentile(means, 1 - tail) };
}

/** The resample with number r takes the values at the digits of r to the base n. */
function allMeans(values: readonly number[]): Float64Array {
  const n = values.length;
  return Float64Array.from({ length: n ** n }, (_, number) => {
    let [sum, rest] = [0, number];
    for (let place = 0; place < n; place++) {
      sum += values[rest % n] ?? 0;
      rest = Math.floor(rest / n);
    }
    return sum / n;
  });
}

function sampledMeans(values: readonly number[]): Float64Array {
  const n = values.length;
  const stream = SeededStream.fromNumber(n);
  return Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let place = 0; place < n; place++) sum += values[stream.nextBelow(n)] ?? 0;
    return sum / n;
  });
}

/** Between the two nearest of the sorted values, linearly. */
function percentile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return low + (high - low) * (at - Math.floor(at));
}
