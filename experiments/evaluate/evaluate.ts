/**
 * The benchmark protocol applied to one set of scores: each organisation scores its own test events and takes its
 * threshold from its own benign validation events; truth is used here alone. Any model can be measured: it is known by the
 * scores that it gives.
 */
import type { Architecture } from '../../models/detection/model.ts';
import { modelWith } from '../../models/detection/models.ts';
import { alertGroups, type AlertGroup, campaignsFound } from '../../models/metrics/alerts.ts';
import { type EventFrame, highest } from '../../models/metrics/event-frame.ts';
import { type MemberAlerts, memberAlerts } from '../../models/metrics/member-alerts.ts';
import { rankingFigures, type RankingFigures } from '../../models/metrics/ranking.ts';
import { mean, median } from '../../models/metrics/summary.ts';
import { type EvaluatedMember, type FramedMember, type FramedWorld, frameMembers } from './framed-members.ts';
import type { CampaignFacts, Knowledge } from './knowledge.ts';
import {
  byKnowledge,
  byTactic,
  meanRanking,
  type RecallSplit,
  type TacticSplit,
  type Track,
  trackOf,
} from './splits.ts';
import { standardise, together } from './standardise.ts';

export type { EvaluatedMember } from './framed-members.ts';

/** What a model says of a member's events; higher is more suspicious. One score a row, in the order of the rows. */
export interface MemberScores {
  readonly validation: ArrayLike<number>;
  readonly evaluation: ArrayLike<number>;
}

/** Scores of a member's `validation` and `evaluation` rows. */
export type ScoresOf = (member: Pick<FramedMember, 'organisation' | 'site'>) => MemberScores;

/** Figures of one organisation over its own test time; a ranking figure is null where it holds one class alone. */
export interface OrganisationScores extends MemberAlerts, RankingFigures {
  /** Over edges instead of events: one row a (source, destination, account, day) with its highest score. */
  readonly collapsed: RankingFigures;
  /** Malicious events, and all events, of its test time. */
  readonly malicious: number;
  readonly events: number;
}

/** Figures of one set of scores; rates lie in 0..1. Ranking figures are means over the organisations where they exist. */
export interface Evaluation extends RankingFigures {
  /**
   * The ranking figures with duplicate edges collapsed. Alerts, and so every recall, are the same with and without: a
   * group's highest score is that of its highest edge.
   */
  readonly collapsed: RankingFigures;
  /** Over the events of all organisations in one list, each one's scores in units of its own validation alerts. */
  readonly together: RankingFigures;
  /** Of the campaigns that touch a member, the share that it catches itself, at one alert a day by validation. */
  readonly memberRecall: number | null;
  /** Alerts an organisation and day that this threshold really gave in the test time, and those without an attack. */
  readonly raisedPerDay: number | null;
  readonly falsePerDay: number | null;
  /** Median over all caught pairs of a member and a campaign, milliseconds. */
  readonly timeToDetect: number | null;
  readonly campaigns: number;
  /** Share of all campaigns within the `alertBudget` highest alerts of each day over all organisations. */
  readonly campaignRecall: number | null;
  readonly alertBudget: number;
  /** Both empty where nothing is known of the campaigns. */
  readonly tactics: Readonly<Record<string, TacticSplit>>;
  readonly knowledge: Readonly<Record<Knowledge, RecallSplit>>;
  /** `smallest` (three members), and those that were asked for. */
  readonly tracks: Readonly<Record<string, Track>>;
  readonly members: readonly OrganisationScores[];
}

/** Looked at each day over all organisations: the budget that Hopper (Ho et al. 2021) reports. */
const ALERT_BUDGET = 9;
const SMALLEST = 3;

/**
 * @param tracks names of members whose means are told apart, for example those that have just joined
 * @throws ModelError SHAPE_MISMATCH, NOT_FINITE for scores that are not one number a row
 */
export function evaluateScores(
  { members, campaigns: facts }: FramedWorld,
  scoresOf: ScoresOf,
  tracks: Readonly<Record<string, readonly string[]>> = {},
): Evaluation {
  const results: OrganisationScores[] = [];
  const ranked: AlertGroup[] = [];
  const lists: { labels: Uint8Array; scores: Float64Array }[] = [];
  for (const member of members) {
    const { evaluation, validation } = member;
    const scores = scoresOf(member);
    results.push(organisationScores(member, scores));
    const unit = standardise(alertGroups(validation, scores.validation));
    ranked.push(
      ...alertGroups(evaluation, scores.evaluation).map((group) => ({ ...group, score: unit(group.score) })),
    );
    lists.push({ labels: evaluation.labels, scores: Float64Array.from(scores.evaluation, unit) });
  }
  const found = campaignsFound(ranked, ALERT_BUDGET);
  const touching = new Set(results.flatMap(({ outcomes }) => outcomes.map(({ campaign }) => campaign)));
  const hits = [...touching].filter((campaign) => found.has(campaign)).length;
  const bySize = members.toSorted((a, b) => a.size - b.size || (a.organisation < b.organisation ? -1 : 1));
  const smallest = bySize.slice(0, SMALLEST).map(({ organisation }) => organisation);
  return {
    ...meanRanking(results),
    collapsed: meanRanking(results.map(({ collapsed }) => collapsed)),
    together: together(lists),
    memberRecall: mean(results.map(({ recall }) => recall)),
    raisedPerDay: mean(results.map(({ alertsPerDay }) => alertsPerDay)),
    falsePerDay: mean(results.map(({ falseAlertsPerDay }) => falseAlertsPerDay)),
    timeToDetect: median(results.flatMap(({ outcomes }) => outcomes.map((outcome) => outcome.detectedAfter))),
    campaigns: touching.size,
    campaignRecall: touching.size > 0 ? hits / touching.size : null,
    alertBudget: ALERT_BUDGET,
    tactics: byTactic(results, found, facts),
    knowledge: byKnowledge(results, facts),
    tracks: Object.fromEntries(
      Object.entries({ smallest, ...tracks }).map(([name, names]) => [name, trackOf(results, names)]),
    ),
    members: results,
  };
}

/**
 * Of the edge scorer in one step. `weightsOf` gives the weights that an organisation uses: the same for all, or each its own;
 * without `campaigns` nothing is split by tactic or knowledge.
 */
export function evaluate(
  architecture: Architecture,
  members: readonly EvaluatedMember[],
  weightsOf: (organisation: string) => Float32Array,
  campaigns: readonly CampaignFacts[] = [],
): Evaluation {
  return evaluateScores(frameMembers(members, campaigns), scoresByWeights(architecture, weightsOf));
}

/** Scores of the edge scorer. */
export function scoresByWeights(
  architecture: Architecture,
  weightsOf: (organisation: string) => Float32Array,
): ScoresOf {
  return ({ organisation, site }) => {
    const weights = weightsOf(organisation);
    return {
      validation: modelWith(architecture).scores(weights, site.validation.list.rows),
      evaluation: modelWith(architecture).scores(weights, site.evaluation.list.rows),
    };
  };
}

function organisationScores(member: FramedMember, scores: MemberScores): OrganisationScores {
  const { validation, evaluation: frame, site, touching } = member;
  const test = { frame, scores: scores.evaluation };
  return {
    ...memberAlerts(
      { frame: validation, scores: scores.validation },
      test,
      site.validationShare,
      touching ?? undefined,
    ),
    ...rankingFigures(frame.labels, scores.evaluation),
    collapsed: collapsedFigures(frame, scores.evaluation),
    malicious: frame.labels.reduce((sum, label) => sum + label, 0),
    events: frame.length,
  };
}

function collapsedFigures(frame: EventFrame, scores: ArrayLike<number>): RankingFigures {
  return rankingFigures(frame.edgeLabels, highest(frame.edgeOf, scores, frame.edgeLabels.length));
}
