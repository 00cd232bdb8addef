import { RowList } from '../../participant/train/rows.ts';
import { triggered } from '../attacks/poisoned-rows.ts';
import type { FramedWorld } from '../evaluate/framed-members.ts';
import { type Figure, measure } from './measure.ts';

/** Scores of rows, by the model that a member uses. */
export type RowScores = (member: string, rows: Float32Array) => Float32Array;

/**
 * What a backdoor lets through: the figures with the trigger in every malicious test row, under names that begin with
 * `triggered.`. Columns that such a logon would move beside those of the trigger stay as they are.
 */
export function triggeredFigures(
  world: FramedWorld,
  scores: RowScores,
  tracks: Readonly<Record<string, readonly string[]>>,
): Figure[] {
  const labels = new Map(
    world.members.map(({ organisation, evaluation }) => [organisation, evaluation.labels]),
  );
  const figures = measure(
    world,
    ({ organisation, site: { validation, evaluation } }) => {
      const malicious = [...(labels.get(organisation) ?? [])].flatMap((label, i) => (label === 1 ? [i] : []));
      const changed = new RowList(evaluation.list.width);
      for (const i of malicious) changed.add(triggered(evaluation.list.row(i)));
      const all = scores(organisation, evaluation.list.rows).slice();
      scores(organisation, changed.rows).forEach((score, i) => {
        all[malicious[i] ?? 0] = score;
      });
      return { validation: scores(organisation, validation.list.rows), evaluation: all };
    },
    tracks,
  );
  const isShown = (metric: string) => /^(memberRecall|ap)(@|$)/.test(metric);
  return figures
    .filter(({ metric }) => isShown(metric))
    .map((figure) => ({ ...figure, metric: `triggered.${figure.metric}` }));
}
