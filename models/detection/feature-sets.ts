import { ModelError } from '../errors.ts';
import type { EdgeScorerArchitecture } from './architecture.ts';

/** Feature sets by version and how many numbers a row has; participant/features computes them. */
export const FEATURE_SETS = { 'edge-v1': 36, 'edge-v2': 47 } as const;

export type FeatureSet = keyof typeof FEATURE_SETS;

/** What a task says of an edge scorer. */
export interface EdgeScorerChoice {
  readonly features: string;
  readonly hidden: number;
}

/** The architecture that a task's model stands for. Throws ModelError VALUE_OUT_OF_RANGE for an unknown feature set. */
export function edgeScorer(model: EdgeScorerChoice): EdgeScorerArchitecture {
  const { features, hidden } = model;
  if (!isFeatureSet(features)) {
    throw new ModelError('VALUE_OUT_OF_RANGE', {
      expected: `one of the feature sets ${Object.keys(FEATURE_SETS).join(', ')}`,
      got: features,
      next: 'use the same version of the software at every member',
    });
  }
  return { kind: 'edge-scorer', features, inputs: FEATURE_SETS[features], hidden };
}

function isFeatureSet(name: string): name is FeatureSet {
  return Object.hasOwn(FEATURE_SETS, name);
}
