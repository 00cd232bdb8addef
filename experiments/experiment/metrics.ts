import type { MethodResult } from './method-result.ts';
import { type Interval, intervalOf } from './interval.ts';
import { ALL } from './measure.ts';

/** One figure of one method with one seed. */
export interface MetricRow {
  readonly seed: number;
  readonly method: string;
  /** `ALL` or a member's name. */
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
  const groups = new Map<string, { row: MetricRow; values: number[] }>();
  for (const row of rows) {
    const key = `${row.method}\0${row.member}\0${row.metric}`;
    const group = groups.get(key) ?? { row, values: [] };
    groups.set(key, group);
    if (row.value !== null) group.values.push(row.value);
  }
  return [...groups.values()].flatMap(({ row: { method, member, metric }, values }) => {
    const interval = intervalOf(values);
    return interval === null ? [] : [{ method, member, metric, ...interval }];
  });
}

/** Differences of the figures over all members, by the seeds where both are defined. */
export function differences(
  a: { readonly name: string; readonly rows: readonly MetricRow[] },
  b: { readonly name: string; readonly rows: readonly MetricRow[] },
): PairedDifference[] {
  const overAll = (rows: readonly MetricRow[], method: string) =>
    rows.filter((row) => row.method === method && row.member === ALL);
  const other = overAll(b.rows, b.name);
  const byMetric = new Map<string, number[]>();
  for (const { seed, metric, value } of overAll(a.rows, a.name)) {
    const pair = other.find((row) => row.seed === seed && row.metric === metric)?.value ?? null;
    if (value === null || pair === null) continue;
    byMetric.set(metric, [...(byMetric.get(metric) ?? []), value - pair]);
  }
  return [...byMetric].flatMap(([metric, values]) => {
    const interval = intervalOf(values);
    return interval === null ? [] : [{ a: a.name, b: b.name, metric, ...interval }];
  });
}

/** A row a figure, for other programs; nothing where it is not defined. */
export function metricsCsv(rows: readonly MetricRow[]): string {
  const lines = rows.map(({ seed, method, member, metric, value }) =>
    [seed, method, member, metric, value ?? ''].join(','),
  );
  return `${['seed,method,member,metric,value', ...lines].join('\n')}\n`;
}
