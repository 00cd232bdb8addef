import { edgeScorer } from '../../models/detection/feature-sets.ts';
import { incidentsOf } from '../demo/compare.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import { type Method, trainTask } from './experiment.ts';
import type { PreparedSites } from './sites.ts';
import type { TrainedWeights } from './train-method.ts';
import type { World } from './world.ts';

/** One figure: of a member, or of all. Null where it is not defined. */
export interface Figure {
  readonly member: string;
  readonly metric: string;
  readonly value: number | null;
}

/** Stands for all members together; no member's name has a capital. */
export const ALL = 'ALL';

/** The benchmark protocol's figures of trained weights, one by one; everything that is known of the evaluation's form is here. */
export function measure(
  method: Method,
  { sites }: PreparedSites,
  { weightsOf }: Pick<TrainedWeights, 'weightsOf'>,
  { campaigns }: Pick<World, 'campaigns'>,
): Figure[] {
  const members = [...sites].map(([organisation, site]) => ({
    organisation,
    site,
    truth: incidentsOf(campaigns, organisation),
  }));
  const result = evaluate(edgeScorer(trainTask(method, 0).model), members, weightsOf);
  const { memberRecall, campaignRecall, ap, auc, tpr } = result;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const figures = (member: string, values: Readonly<Record<string, number | null>>): Figure[] =>
    Object.entries(values).map(([metric, value]) => ({ member, metric, value }));
  return [
    ...figures(ALL, {
      memberRecall,
      campaignRecall,
      ap,
      auc,
      tpr,
      alertsPerDay: mean(result.members.map((one) => one.alertsPerDay)),
      falseAlertsPerDay: mean(result.members.map((one) => one.falseAlertsPerDay)),
    }),
    ...result.members.flatMap((one) =>
      figures(one.organisation, {
        memberRecall: one.recall,
        ap: one.ap,
        auc: one.auc,
        tpr: one.tpr,
        alertsPerDay: one.alertsPerDay,
        falseAlertsPerDay: one.falseAlertsPerDay,
        campaigns: one.campaigns,
        caught: one.caught,
      }),
    ),
  ];
}
