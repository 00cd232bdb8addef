/**
 * The benchmark protocol applied to one set of weights: each organisation scores its own test events and takes its
 * threshold from its own benign validation events; truth is used here alone.
 */
import type { EdgeScorerArchitecture } from '../../models/detection/architecture.ts';
import { forwardScores } from '../../models/detection/edge-scorer.ts';
import {
  alertGroups,
  campaignRecall,
  memberRecall,
  type AlertGroup,
  type MemberResult,
  type ScoredEvent,
} from '../../models/metrics/alerts.ts';
import { averagePrecision, rocAuc, tprAtFpr } from '../../models/metrics/ranking.ts';
import { IncidentIndex, type Incident } from '../../participant/train/incidents.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import type { ScoredRows } from '../../participant/train/rows.ts';

/** An organisation with its prepared data and the truth about it. */
export interface EvaluatedMember {
  readonly organisation: string;
  readonly site: SiteData;
  /** Every malicious event at this organisation, known to it or not. */
  readonly truth: Iterable<Incident>;
}

/** Figures of one organisation over its own test time. */
export interface OrganisationScores extends MemberResult {
  /** Over its test events; null where the test time holds no malicious or no benign event. */
  readonly auc: number | null;
  readonly ap: number | null;
  /** True-positive rate where at most one benign event in a thousand is taken for malicious. */
  readonly tpr: number | null;
  /** Malicious events, and all events, of its test time. */
  readonly malicious: number;
  readonly events: number;
}

/** Figures of one set of weights; rates lie in 0..1. */
export interface Evaluation {
  /** Means over the organisations where the figure exists; null where it exists nowhere. */
  readonly auc: number | null;
  readonly ap: number | null;
  readonly tpr: number | null;
  /** Of the campaigns that touch a member, the share that it catches itself, at one alert a day by validation. */
  readonly memberRecall: number | null;
  /** Share of all campaigns within the `alertsPerDay` highest alerts of each day over all organisations. */
  readonly campaignRecall: number | null;
  readonly alertsPerDay: number;
  readonly members: readonly OrganisationScores[];
}

/** Looked at each day over all organisations: the budget that Hopper (Ho et al. 2021) reports. */
const ALERTS_PER_DAY = 9;
/** False-positive rate at which the true-positive rate is told. */
const FPR = 1e-3;

/**
 * `weightsOf` gives the weights that an organisation uses: the same for all, or each its own. Malicious events in the
 * validation time that the organisation does not know are part of what it takes for benign, as in its real life.
 */
export function evaluate(
  architecture: EdgeScorerArchitecture,
  members: readonly EvaluatedMember[],
  weightsOf: (organisation: string) => Float32Array,
): Evaluation {
  const results: OrganisationScores[] = [];
  const ranked: AlertGroup[] = [];
  for (const { organisation, site, truth } of members) {
    const weights = weightsOf(organisation);
    const index = new IncidentIndex(truth);
    const validation = scored(architecture, weights, site.validation, index);
    const test = scored(architecture, weights, site.evaluation, index);
    const labels = test.map(({ campaigns }) => (campaigns.length > 0 ? 1 : 0));
    const scores = test.map(({ score }) => score);
    results.push({
      ...memberRecall(organisation, validation, test, site.validationShare),
      auc: rocAuc(labels, scores),
      ap: averagePrecision(labels, scores),
      tpr: tprAtFpr(labels, scores, FPR),
      malicious: labels.filter((label) => label === 1).length,
      events: test.length,
    });
    ranked.push(...standardised(alertGroups(organisation, test), alertGroups(organisation, validation)));
  }
  return {
    auc: mean(results.map(({ auc }) => auc)),
    ap: mean(results.map(({ ap }) => ap)),
    tpr: mean(results.map(({ tpr }) => tpr)),
    memberRecall: mean(results.map(({ recall }) => recall)),
    campaignRecall: campaignRecall(ranked, ALERTS_PER_DAY),
    alertsPerDay: ALERTS_PER_DAY,
    members: results,
  };
}

function scored(
  architecture: EdgeScorerArchitecture,
  weights: Float32Array,
  { list, events }: ScoredRows,
  truth: IncidentIndex,
): ScoredEvent[] {
  const scores = forwardScores(architecture, weights, list.rows);
  return events.map((event, i) => {
    const campaign = truth.campaignOf(event);
    return {
      score: scores[i] ?? 0,
      time: event.time,
      srcHost: event.srcHost,
      campaigns: campaign === null ? [] : [campaign],
    };
  });
}

/** Scores of different models become comparable in units of each one's spread over its own validation alerts. */
function standardised(groups: AlertGroup[], validation: AlertGroup[]): AlertGroup[] {
  const centre = mean(validation.map(({ score }) => score)) ?? 0;
  const spread = Math.sqrt(mean(validation.map(({ score }) => (score - centre) ** 2)) ?? 1) || 1;
  return groups.map((group) => ({ ...group, score: (group.score - centre) / spread }));
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
