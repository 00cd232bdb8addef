import { type Evidence, ordinaryEvidence, withEvidence } from '../../models/detection/fusion.ts';
import type { DetectionModel } from '../../models/detection/model.ts';
import { AT } from '../features/edge-v1.ts';
import { FEDERATION_AT } from '../features/edge-v2.ts';
import type { RowList } from './rows.ts';

/** What other members have seen of an account or a source: that it went where it had never been. */
const COLUMNS = {
  novelty: [AT.edgeNew, AT.accountDestinationNew, AT.accountSourceNew],
  evidence: [FEDERATION_AT.accountBurstOthers, FEDERATION_AT.sourceBurstOthers],
};

/** What a unit of evidence adds to a logit. Chosen on development seeds of the simulator. */
export const EVIDENCE_WEIGHT = 0.5;

/** The evidence of a site, calibrated on its own benign rows of `edge-v2`. @param weight at least 0 */
export function siteEvidence(benign: RowList, weight: number = EVIDENCE_WEIGHT): Evidence {
  return { ...COLUMNS, ordinary: ordinaryEvidence(benign.rows, benign.width, COLUMNS), weight };
}

/**
 * Scores of a model of `edge-v1` over rows of `edge-v2`: its logits, and what other members have seen.
 * @param rows row-major, of `width` values
 * @throws ModelError as `DetectionModel.scores`
 */
export function fusedScores(
  model: DetectionModel,
  weights: Float32Array,
  rows: Float32Array,
  width: number,
  evidence: Evidence,
): Float32Array {
  const { inputs } = model.architecture;
  const own = new Float32Array((rows.length / width) * inputs);
  for (let from = 0, to = 0; from < rows.length; from += width, to += inputs)
    own.set(rows.subarray(from, from + inputs), to);
  return withEvidence(model.scores(weights, own), rows, width, evidence);
}
