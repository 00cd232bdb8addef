import { FEATURE_SETS } from '../../models/detection/feature-sets.ts';
import type { DetectionModel } from '../../models/detection/model.ts';
import { fusedScores, siteEvidence } from '../../participant/train/fused-scores.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import { siteMoment } from '../../participant/train/site-moment.ts';
import type { ScoresOf } from '../evaluate/evaluate.ts';
import type { TrainedMethod } from './experiment.ts';
import type { PreparedSites } from './sites.ts';

/** Scores by what a method has trained. */
export interface MethodScores {
  /** Of the rows of a member. */
  readonly ofRows: (member: string, weights: Float32Array, rows: Float32Array) => Float32Array;
  /** Of all members' validation and test rows. */
  readonly ofSites: (weightsOf: (member: string) => Float32Array) => ScoresOf;
}

/** The scores of the model alone, or, where the method has evidence, with what others have seen. */
export function scorerOf(
  { evidence: weight }: Pick<TrainedMethod, 'evidence'>,
  model: DetectionModel,
  sites: ReadonlyMap<string, SiteData>,
): MethodScores {
  const evidence = new Map(
    weight === 0
      ? []
      : [...sites].map(([member, { validation }]) => [member, siteEvidence(validation.list, weight)]),
  );
  const ofRows: MethodScores['ofRows'] = (member, weights, rows) => {
    const seen = evidence.get(member);
    return seen === undefined
      ? model.scores(weights, rows)
      : fusedScores(model, weights, rows, FEATURE_SETS['edge-v2'], seen);
  };
  return {
    ofRows,
    ofSites:
      (weightsOf) =>
      ({ organisation, site }) => {
        const of = (rows: Float32Array) => ofRows(organisation, weightsOf(organisation), rows);
        return { validation: of(site.validation.list.rows), evaluation: of(site.evaluation.list.rows) };
      },
  };
}

/** Beside evidence a model sees own features alone, and a participant needs no answers to train it. */
export function rowsToTrain(
  { evidence }: Pick<TrainedMethod, 'evidence'>,
  prepared: PreparedSites,
): PreparedSites {
  if (evidence === 0) return prepared;
  const narrow = ([member, site]: [string, SiteData]) =>
    [member, siteMoment(site, FEATURE_SETS['edge-v1'])] as const;
  return { ...prepared, sites: new Map([...prepared.sites].map(narrow)), answers: new Map() };
}
