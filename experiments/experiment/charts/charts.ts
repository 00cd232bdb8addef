import type { MethodResult } from '../method-result.ts';
import { ALL } from '../measure.ts';
import type { MetricRow, Metrics } from '../metrics.ts';
import { intervalChart } from './interval-chart.ts';
import { type LinePanel, type LinePoint, lineChart } from './line-chart.ts';

/** Figures in 0..1 that are drawn beside each other. */
const FIGURES = [
  ['memberRecall', 'Member recall at one alert an organisation and day'],
  ['campaignRecall', 'Campaign recall at nine alerts a day over all'],
  ['ap', 'Average precision'],
] as const;

/** The main figures of every method; null where none is defined. */
export function figuresChart({ methods, summary, rows }: Metrics): string | null {
  const panels = FIGURES.map(([metric, title]) => ({
    title,
    rows: methods.flatMap((name) => {
      const ofAll = (one: Pick<MetricRow, 'method' | 'member' | 'metric'>) =>
        one.method === name && one.member === ALL && one.metric === metric;
      const interval = summary.find(ofAll);
      const values = rows.filter(ofAll).flatMap(({ value }) => value ?? []);
      return interval === undefined ? [] : [{ name, interval, values }];
    }),
  })).filter((panel) => panel.rows.length > 0);
  return panels.length === 0 ? null : intervalChart(panels);
}

/** How federated methods learn; null where there are none. */
export function learningChart(methods: readonly string[], results: readonly MethodResult[]): string | null {
  const panel = (
    title: string,
    valuesOf: (result: MethodResult) => readonly (readonly [number, number | null])[],
  ): LinePanel => ({
    title,
    series: methods.flatMap((name, place) => {
      const points = pointsOf(results.filter(({ method }) => method === name).map(valuesOf));
      return points.length === 0 ? [] : [{ name, place, points }];
    }),
  });
  const panels = [
    panel('Average precision by round', ({ curve }) => curve.map(({ round, ap }) => [round, ap])),
    panel('Member recall by round', ({ curve }) =>
      curve.map(({ round, memberRecall }) => [round, memberRecall]),
    ),
    panel('Training loss by round', ({ losses }) => losses.map((loss, i) => [i + 1, loss])),
  ].filter(({ series }) => series.length > 0);
  return panels.length === 0 ? null : lineChart(panels);
}

/** The seeds' curves as one, at the rounds where any of them is defined. */
function pointsOf(curves: readonly (readonly (readonly [number, number | null])[])[]): LinePoint[] {
  const byRound = new Map<number, number[]>();
  for (const [round, value] of curves.flat()) {
    if (value !== null) byRound.set(round, [...(byRound.get(round) ?? []), value]);
  }
  return [...byRound]
    .sort(([a], [b]) => a - b)
    .map(([x, values]) => ({
      x,
      y: values.reduce((sum, value) => sum + value, 0) / values.length,
      low: Math.min(...values),
      high: Math.max(...values),
    }));
}
