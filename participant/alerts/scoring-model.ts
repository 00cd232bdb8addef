import type { Architecture } from '../../models/detection/model.ts';
import { FEATURE_SETS, type FeatureSet } from '../../models/detection/feature-sets.ts';
import { CordonError } from '../../protocol/errors.ts';

/** What scores the events of a live site. */
export interface ScoringModel {
  /** The run that it is the end of, or the name of its file. */
  readonly from: string;
  readonly hash: string;
  readonly architecture: Architecture;
  readonly weights: Float32Array;
}

/** @throws CordonError MODEL_MISMATCH where the site's rows hold less than the model reads */
export function checkModel({ from, architecture }: ScoringModel, features: FeatureSet): void {
  const width = (FEATURE_SETS as Readonly<Record<string, number>>)[architecture.features];
  // The columns of edge-v1 are the first of edge-v2.
  if (width !== undefined && width === architecture.inputs && width <= FEATURE_SETS[features]) return;
  throw new CordonError('MODEL_MISMATCH', {
    expected: `a model on the features that this site makes, ${features}`,
    got: `${from} on ${architecture.features} with ${architecture.inputs} inputs`,
    next: 'set policy.analytics for features of the federation, or train a model on those that there are; until then nothing is scored by it',
  });
}
