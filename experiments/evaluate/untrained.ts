/** Baselines that learn nothing: scores straight from the columns of `edge-v1`, which begin every row. */
import { AT } from '../../participant/features/edge-v1.ts';
import type { RowList } from '../../participant/train/rows.ts';
import type { ScoresOf } from './evaluate.ts';

/** What a row is suspected by. */
export type UntrainedRule = 'unseen-edge' | 'edge-rarity' | 'degree-likelihood';

const SCORES: Readonly<Record<UntrainedRule, (row: Float32Array) => number>> = {
  // Source to destination never seen. A host that logs on to itself comes from nowhere.
  'unseen-edge': (row) => (row[AT.edgeNew] === 1 && row[AT.local] === 0 ? 1 : 0),
  // The logarithm of how often the edge was seen, downwards.
  'edge-rarity': (row) => -(row[AT.edgeTotal] ?? 0),
  // The log-likelihood ratio of the edge against a graph with the same degrees at random, downwards.
  'degree-likelihood': (row) => -(row[AT.degreeRarity] ?? 0),
};

export const UNTRAINED_RULES = Object.keys(SCORES) as readonly UntrainedRule[];

/** Scores of a rule for any member. */
export function scoresByRule(rule: UntrainedRule): ScoresOf {
  const score = (list: RowList): Float64Array =>
    Float64Array.from({ length: list.length }, (_, i) => SCORES[rule](list.row(i)));
  return ({ site }) => ({
    validation: score(site.validation.list),
    evaluation: score(site.evaluation.list),
  });
}
