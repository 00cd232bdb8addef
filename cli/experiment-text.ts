import type { Comparison } from '../experiments/experiment/compare-results.ts';
import { ALL } from '../experiments/experiment/measure.ts';
import type { Metrics, MetricSummary, PairedDifference } from '../experiments/experiment/metrics.ts';
import { SHOWN, intervalText } from '../experiments/experiment/report.ts';
import { table } from './table.ts';

/** The main figures of every method, and the differences that the file asks for. */
export function metricsText({ summary, methods, differences }: Metrics): string {
  const overAll = (method: string) => summary.filter((one) => one.method === method && one.member === ALL);
  const tables = [
    figuresTable(
      'method',
      methods.map((method) => [method, overAll(method)] as const),
    ),
  ];
  if (differences.length > 0) tables.push(differencesText(differences));
  return tables.join('\n\n');
}

/** What two results differ by, and what must be known to judge it. */
export function comparisonText({ a, b, sameExperiment, sameData, seeds, differences }: Comparison): string {
  const notes = [`A is ${a}, B is ${b}; seeds ${seeds.join(', ')}.`];
  if (sameExperiment) notes.push('Both are of the same data, methods and versions.');
  else if (!sameData) notes.push('Their data differ: a seed does not mean the same logs in both.');
  return `${notes.join(' ')}\n\n${differencesText(differences)}`;
}

function differencesText(differences: readonly PairedDifference[]): string {
  const pairs = Map.groupBy(differences, ({ a, b }) => `${a} less ${b}`);
  return figuresTable('difference', [...pairs]);
}

function figuresTable(
  what: string,
  rows: readonly (readonly [
    string,
    readonly Pick<MetricSummary, 'metric' | 'mean' | 'low' | 'high' | 'n'>[],
  ])[],
): string {
  return table(
    [what, ...SHOWN.map(([, name]) => name)],
    rows.map(([name, figures]) => [
      name,
      ...SHOWN.map(([metric]) => intervalText(figures.find((one) => one.metric === metric))),
    ]),
  );
}
