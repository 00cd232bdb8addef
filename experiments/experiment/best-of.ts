import { ALL } from './measure.ts';
import type { MetricRow } from './metrics.ts';

/** As many members are told apart as in the evaluation's track of that name. */
const SMALLEST = 3;
/** Means over the members, where a figure over all is one. */
const MEANS = ['memberRecall', 'ap', 'auc', 'tpr', 'tprStrict', 'alertsPerDay', 'falseAlertsPerDay'];

/**
 * For each seed and member the figures of the method that serves it best in the test time, by its recall, then by its
 * average precision, the earlier of equals: a bound on what choosing among them could give, because nobody could choose so
 * well beforehand. Figures over all that are no means over members are left out.
 */
export function bestOf(name: string, of: readonly string[], rows: readonly MetricRow[]): MetricRow[] {
  const seeds = [...new Set(rows.map(({ seed }) => seed))];
  return seeds.flatMap((seed) =>
    bestOfSeed(
      name,
      of,
      rows.filter((row) => row.seed === seed),
      seed,
    ),
  );
}

function bestOfSeed(
  name: string,
  of: readonly string[],
  rows: readonly MetricRow[],
  seed: number,
): MetricRow[] {
  const valueOf = (method: string, member: string, metric: string) =>
    rows.find((row) => row.method === method && row.member === member && row.metric === metric)?.value ??
    null;
  const members = [...new Set(rows.map(({ member }) => member))].filter((member) => member !== ALL);
  const chosen = members.flatMap((member) => {
    const best = of.reduce((leading, one) => {
      for (const metric of ['memberRecall', 'ap']) {
        const [mine, other] = [valueOf(one, member, metric) ?? -1, valueOf(leading, member, metric) ?? -1];
        if (mine !== other) return mine > other ? one : leading;
      }
      return leading;
    });
    return rows.filter((row) => row.method === best && row.member === member);
  });
  const mean = (metric: string, among: readonly string[]) => {
    const values = chosen.flatMap((row) =>
      row.metric === metric && among.includes(row.member) ? (row.value ?? []) : [],
    );
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const size = (member: string) =>
    chosen.find((row) => row.member === member && row.metric === 'events')?.value ?? 0;
  const smallest = members.toSorted((a, b) => size(a) - size(b) || (a < b ? -1 : 1)).slice(0, SMALLEST);
  const over = (metric: string, value: number | null): MetricRow => ({
    seed,
    method: name,
    member: ALL,
    metric,
    value,
  });
  return [
    ...MEANS.map((metric) => over(metric, mean(metric, members))),
    over('memberRecall@smallest', mean('memberRecall', smallest)),
    over('ap@smallest', mean('ap', smallest)),
    ...chosen.map((row) => ({ ...row, method: name })),
  ];
}
