import type { MethodResult } from './method-result.ts';
import { type Interval, differenceOf, intervalOf } from './interval.ts';
import { ALL } from './measure.ts';

/** One figure of one method with one seed. */
export interface MetricRow {
  readonly seed: number;
  readonly method: string;
  /** `all` or a member's name. */
  readonly member: string;
  readonly metric: string;
  readonly value: number | null;
}

export interface MetricSummary extends Interval {
  readonly method: string;
  readonly member: string;
  readonly metric: string;
}

/** `a` less `b` of one metric, seed by seed. */
export interface PairedDifference extends Interval {
  readonly a: string;
  readonly b: string;
  readonly metric: string;
  /** Two-sided p of the paired t test; null where it is not defined. */
  readonly p: number | null;
}

/** The content of `metrics.json`: nothing in it but what the same file gives again. */
export interface Metrics {
  readonly version: 1;
  readonly experiment: string;
  /** Of data and methods; two results with one hash are of the same experiment. */
  readonly hash: string;
  /** Of the data alone: with it equal, a seed means the same logs. */
  readonly data: string;
  readonly seeds: readonly number[];
  readonly methods: readonly string[];
  readonly summary: readonly MetricSummary[];
  readonly differences: readonly PairedDifference[];
  readonly rows: readonly MetricRow[];
}

/** Rows by seed, then in the order of the methods. */
export function rowsOf(results: readonly MethodResult[]): MetricRow[] {
  return results.flatMap(({ seed, method, figures }) =>
    figures.map((figure) => ({ seed, method, ...figure })),
  );
}

/** Mean and interval of every figure over the seeds where it is defined. */
export function summarise(rows: readonly MetricRow[]): MetricSummary[] {
  const groups = Map.groupBy(rows, ({ method, member, metric }) => `${method}\0${member}\0${metric}`);
  return [...groups.values()].flatMap((group) => {
    const interval = intervalOf(group.map(({ value }) => value));
    if (interval === null) return [];
    return group.slice(0, 1).map(({ method, member, metric }) => ({ method, member, metric, ...interval }));
  });
}

/** Differences of the figures over all members, by the seeds where both are defined. */
export function differences(
  a: { readonly name: string; readonly rows: readonly MetricRow[] },
  b: { readonly name: string; readonly rows: readonly MetricRow[] },
): PairedDifference[] {
  const overAll = (rows: readonly MetricRow[], method: string) =>
    rows.filter((row) => row.method === method && row.member === ALL);
  const other = new Map(
    overAll(b.rows, b.name).map(({ seed, metric, value }) => [`${seed}\0${metric}`, value]),
  );
  const byMetric = Map.groupBy(overAll(a.rows, a.name), ({ metric }) => metric);
  return [...byMetric].flatMap(([metric, those]) => {
    const difference = differenceOf(
      those.map(({ value }) => value),
      those.map(({ seed }) => other.get(`${seed}\0${metric}`) ?? null),
    );
    return difference === null ? [] : [{ a: a.name, b: b.name, metric, ...difference }];
  });
}

/** A row a figure, for other programs; nothing where it is not defined. */
export function metricsCsv(rows: readonly MetricRow[]): string {
  const lines = rows.map(({ seed, method, member, metric, value }) =>
    [seed, method, member, metric, value ?? ''].join(','),
  );
  return `${['seed,method,member,metric,value', ...lines].join('\n')}\n`;
}
