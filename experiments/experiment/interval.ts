import { type MeanInterval, meanInterval, pairedDifference } from '../../models/metrics/intervals.ts';

/** A mean over seeds with its 95 % interval by Student's t, and by the bootstrap; null for fewer than two seeds. */
export interface Interval {
  readonly n: number;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly bootstrapLow: number | null;
  readonly bootstrapHigh: number | null;
}

/** Null for no values. */
export function intervalOf(values: readonly (number | null)[]): Interval | null {
  return flat(meanInterval(values));
}

/** `a` less `b`, and the two-sided p of the paired t test. Null without a pair where both are defined. */
export function differenceOf(
  a: readonly (number | null)[],
  b: readonly (number | null)[],
): (Interval & { readonly p: number | null }) | null {
  const difference = pairedDifference(a, b);
  const interval = flat(difference);
  return interval === null ? null : { ...interval, p: difference.p };
}

function flat({ n, mean, interval, bootstrap }: MeanInterval): Interval | null {
  if (mean === null) return null;
  return {
    n,
    mean,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    bootstrapLow: bootstrap?.low ?? null,
    bootstrapHigh: bootstrap?.high ?? null,
  };
}
