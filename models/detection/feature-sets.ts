import { ModelError } from '../errors.ts';
import type { EdgeScorerArchitecture } from './architecture.ts';

/** Feature sets by version and how many numbers a row has; participant/features computes them. */
export const FEATURE_SETS = { 'edge-v1': 36 } as const;

/** The architecture that a task's model stands for. Throws ModelError VALUE_OUT_OF_RANGE for an unknown feature set. */
export function edgeScorer(model: {
  readonly features: string;
  readonly hidden: number;
}): EdgeScorerArchitecture {
  if (model.features !== 'edge-v1') {
    throw new ModelError('VALUE_OUT_OF_RANGE', {
      expected: `one of the feature sets ${Object.keys(FEATURE_SETS).join(', ')}`,
      got: model.features,
      next: 'use the same version of the software at every member',
    });
  }
  return {
    kind: 'edge-scorer',
    features: model.features,
    inputs: FEATURE_SETS['edge-v1'],
    hidden: model.hidden,
  };
}
