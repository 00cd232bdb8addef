/** An evaluation as one row a figure, under names that tables and files can have. */
import type { RankingFigures } from '../../models/metrics/ranking.ts';
import type { Evaluation, OrganisationScores } from './evaluate.ts';

/** One figure of a member, or of all together; null where it is not defined. */
export interface Figure {
  /** null stands for all. */
  readonly member: string | null;
  /**
   * For example `memberRecall`; `collapsed.ap` with duplicate edges collapsed, `together.ap` over all members' events in one
   * list; `memberRecall:worm` of one tactic, `memberRecall:known-to-others` by knowledge; `memberRecall@smallest` of a track.
   */
  readonly metric: string;
  readonly value: number | null;
}

const MINUTE = 60_000;

/** Figures over all members first, then each member's own; times in minutes, alerts a member and day. */
export function figuresOf(evaluation: Evaluation): Figure[] {
  return [
    ...rows(null, overAll(evaluation)),
    ...evaluation.members.flatMap((member) => rows(member.organisation, ofMember(member))),
  ];
}

type Values = Readonly<Record<string, number | null>>;

function overAll(evaluation: Evaluation): Values {
  const { memberRecall, campaignRecall, campaigns, raisedPerDay, falsePerDay, timeToDetect } = evaluation;
  return {
    memberRecall,
    campaignRecall,
    campaigns,
    alertsPerDay: raisedPerDay,
    falseAlertsPerDay: falsePerDay,
    timeToDetectMinutes: timeToDetect === null ? null : timeToDetect / MINUTE,
    ...ranking(evaluation, ''),
    ...ranking(evaluation.collapsed, 'collapsed.'),
    ...ranking(evaluation.together, 'together.'),
    ...splits(evaluation),
  };
}

function splits({ knowledge, tactics, tracks }: Evaluation): Values {
  const values: Record<string, number | null> = {
    'memberRecall:known-to-me': knowledge.mine.memberRecall,
    'memberRecall:known-to-others': knowledge.others.memberRecall,
    'memberRecall:known-to-nobody': knowledge.nobody.memberRecall,
  };
  for (const [tactic, { memberRecall, campaignRecall }] of Object.entries(tactics)) {
    values[`memberRecall:${tactic}`] = memberRecall;
    values[`campaignRecall:${tactic}`] = campaignRecall;
  }
  for (const [name, { memberRecall, ap }] of Object.entries(tracks)) {
    values[`memberRecall@${name}`] = memberRecall;
    values[`ap@${name}`] = ap;
  }
  return values;
}

function ofMember(member: OrganisationScores): Values {
  const { recall, campaigns, caught, alertsPerDay, falseAlertsPerDay, timeToDetect } = member;
  return {
    memberRecall: recall,
    campaigns,
    caught,
    alertsPerDay,
    falseAlertsPerDay,
    timeToDetectMinutes: timeToDetect === null ? null : timeToDetect / MINUTE,
    ...ranking(member, ''),
    ...ranking(member.collapsed, 'collapsed.'),
  };
}

function ranking({ ap, auc, tpr, tprStrict }: RankingFigures, prefix: string): Values {
  return {
    [`${prefix}ap`]: ap,
    [`${prefix}auc`]: auc,
    [`${prefix}tpr`]: tpr,
    [`${prefix}tprStrict`]: tprStrict,
  };
}

function rows(member: string | null, values: Values): Figure[] {
  return Object.entries(values).map(([metric, value]) => ({ member, metric, value }));
}
