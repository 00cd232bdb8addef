/** The evaluation's figures apart: by tactic, by who knew it, and for some of the members alone. */
import type { MemberAlerts } from '../../models/metrics/member-alerts.ts';
import type { RankingFigures } from '../../models/metrics/ranking.ts';
import { mean } from '../../models/metrics/summary.ts';
import { type CampaignFacts, KNOWLEDGE, type Knowledge, TacticKnowledge } from './knowledge.ts';

/** Member recall over some of the campaigns. */
export interface RecallSplit {
  /** Pairs of a member and a campaign that touches it, and how many of them are caught. */
  readonly pairs: number;
  readonly caught: number;
  /** Mean over the members that such campaigns touch; null where there are none. */
  readonly memberRecall: number | null;
}

/** One tactic's figures. */
export interface TacticSplit extends RecallSplit {
  readonly campaigns: number;
  /** Of them, found within the alerts looked at over all organisations. */
  readonly found: number;
  readonly campaignRecall: number | null;
}

/** Means over some of the members. */
export interface Track extends RankingFigures {
  readonly organisations: readonly string[];
  readonly memberRecall: number | null;
}

/** By tactic in alphabetical order; campaigns without facts are in none. */
export function byTactic(
  members: readonly MemberAlerts[],
  found: ReadonlySet<string>,
  facts: readonly CampaignFacts[],
): Record<string, TacticSplit> {
  const tacticOf = tactics(facts);
  const touching = new Set(members.flatMap(({ outcomes }) => outcomes.map(({ campaign }) => campaign)));
  return Object.fromEntries(
    [...new Set(tacticOf.values())].toSorted().flatMap((tactic) => {
      const campaigns = [...touching].filter((campaign) => tacticOf.get(campaign) === tactic);
      if (campaigns.length === 0) return [];
      const hits = campaigns.filter((campaign) => found.has(campaign)).length;
      const split = recallWhere(members, (_, campaign) => tacticOf.get(campaign) === tactic);
      const campaignRecall = hits / campaigns.length;
      return [[tactic, { ...split, campaigns: campaigns.length, found: hits, campaignRecall }]];
    }),
  );
}

/** By who had labelled the tactic in the training time. */
export function byKnowledge(
  members: readonly MemberAlerts[],
  facts: readonly CampaignFacts[],
): Record<Knowledge, RecallSplit> {
  const tacticOf = tactics(facts);
  const known = new TacticKnowledge(facts);
  const split = (knowledge: Knowledge): RecallSplit =>
    recallWhere(members, ({ organisation }, campaign) => {
      const tactic = tacticOf.get(campaign);
      return tactic !== undefined && known.of(tactic, organisation) === knowledge;
    });
  const [mine, others, nobody] = KNOWLEDGE.map(split);
  const none: RecallSplit = { pairs: 0, caught: 0, memberRecall: null };
  return { mine: mine ?? none, others: others ?? none, nobody: nobody ?? none };
}

/** Means over the members named; names that are not there count for nothing. */
export function trackOf(
  members: readonly (MemberAlerts & RankingFigures)[],
  organisations: readonly string[],
): Track {
  const some = members.filter(({ organisation }) => organisations.includes(organisation));
  return {
    organisations: some.map(({ organisation }) => organisation),
    memberRecall: mean(some.map(({ recall }) => recall)),
    ...meanRanking(some),
  };
}

/** Each figure's mean over the members where it exists. */
export function meanRanking(members: readonly RankingFigures[]): RankingFigures {
  return {
    auc: mean(members.map(({ auc }) => auc)),
    ap: mean(members.map(({ ap }) => ap)),
    tpr: mean(members.map(({ tpr }) => tpr)),
    tprStrict: mean(members.map(({ tprStrict }) => tprStrict)),
  };
}

function tactics(facts: readonly CampaignFacts[]): Map<string, string> {
  return new Map(facts.map(({ id, tactic }) => [id, tactic]));
}

function recallWhere(
  members: readonly MemberAlerts[],
  counts: (member: MemberAlerts, campaign: string) => boolean,
): RecallSplit {
  const rows = members.map((member) => member.outcomes.filter(({ campaign }) => counts(member, campaign)));
  const caught = rows.map((outcomes) => outcomes.filter((outcome) => outcome.caught).length);
  return {
    pairs: rows.reduce((sum, outcomes) => sum + outcomes.length, 0),
    caught: caught.reduce((sum, count) => sum + count, 0),
    memberRecall: mean(
      rows.map((outcomes, i) => (outcomes.length > 0 ? (caught[i] ?? 0) / outcomes.length : null)),
    ),
  };
}
