/** Scores of different models, or of one model at different organisations, on one scale. */
import type { AlertGroup } from '../../models/metrics/alerts.ts';
import { rankingFigures, type RankingFigures } from '../../models/metrics/ranking.ts';
import { mean } from '../../models/metrics/summary.ts';

/** In units of the spread of an organisation's own validation alerts, from their mean. */
export function standardise(validation: readonly AlertGroup[]): (score: number) => number {
  const centre = mean(validation.map(({ score }) => score)) ?? 0;
  const spread = Math.sqrt(mean(validation.map(({ score }) => (score - centre) ** 2)) ?? 1) || 1;
  return (score) => (score - centre) / spread;
}

/** The ranking figures over several lists in one. */
export function together(
  lists: readonly { readonly labels: Uint8Array; readonly scores: Float64Array }[],
): RankingFigures {
  const length = lists.reduce((sum, { labels }) => sum + labels.length, 0);
  const labels = new Uint8Array(length);
  const scores = new Float64Array(length);
  let at = 0;
  for (const list of lists) {
    labels.set(list.labels, at);
    scores.set(list.scores, at);
    at += list.labels.length;
  }
  return rankingFigures(labels, scores);
}
