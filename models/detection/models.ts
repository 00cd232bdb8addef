import { type EdgeScorerChoice, edgeScorer } from './feature-sets.ts';
import { edgeScorerModel } from './edge-scorer.ts';
import type { DetectionModel } from './model.ts';

/** What a task says of its model. */
export type ModelChoice = EdgeScorerChoice & { readonly kind: 'edge-scorer' };

/** The model that a task names: the one place that knows all kinds. Throws ModelError VALUE_OUT_OF_RANGE. */
export function modelOf(choice: ModelChoice): DetectionModel {
  return edgeScorerModel(edgeScorer(choice));
}
