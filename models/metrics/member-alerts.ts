/** What one organisation's own alerts are worth, at the threshold that it would choose itself. */
import { alertGroups, exceeds, type Threshold, thresholdAt } from './alerts.ts';
import type { EventFrame } from './event-frame.ts';
import { median } from './summary.ts';

/** What became of one campaign at one member. */
export interface CampaignOutcome {
  readonly campaign: string;
  /** Whether an alert was raised that holds an event of it. */
  readonly caught: boolean;
  /** Milliseconds from its first event at this member until the alert that showed it first; null where not caught. */
  readonly detectedAfter: number | null;
}

/** Figures of one member's alerts in the test time. */
export interface MemberAlerts {
  readonly organisation: string;
  readonly threshold: number;
  /** Alerts raised in the test time, and per day of it. */
  readonly alerts: number;
  readonly alertsPerDay: number;
  /** Those of them without any malicious event. */
  readonly falseAlertsPerDay: number;
  readonly campaigns: number;
  readonly caught: number;
  /** caught / campaigns; null where no campaign touches this member. */
  readonly recall: number | null;
  /** Median over the caught campaigns, milliseconds; null without any. */
  readonly timeToDetect: number | null;
  readonly outcomes: readonly CampaignOutcome[];
}

/** The events and the scores that a model gave them. */
export interface Scored {
  readonly frame: EventFrame;
  readonly scores: ArrayLike<number>;
}

/**
 * @param perDay alerts a day on the validation events (less than one where these are a sample of the groups)
 * @param touching campaigns that touch this member in its test time, and their first moment there; those of the scored
 *   events where left out. One without a scored event cannot be caught, and counts.
 * @throws ModelError SHAPE_MISMATCH, NOT_FINITE as `checkScores`
 */
export function memberAlerts(
  validation: Scored,
  test: Scored,
  perDay = 1,
  touching: ReadonlyMap<string, number> = firstMoments(test.frame),
): MemberAlerts {
  const { frame } = test;
  const threshold = thresholdAt(perDay, validation.frame, validation.scores);
  const raised = alertGroups(frame, test.scores).filter(({ score, tie }) => exceeds(score, tie, threshold));
  const shown = shownAt(test, threshold);
  const outcomes = [...touching].map(([campaign, first]): CampaignOutcome => {
    const at = shown.get(campaign);
    return { campaign, caught: at !== undefined, detectedAfter: at === undefined ? null : at - first };
  });
  const caught = outcomes.filter((outcome) => outcome.caught).length;
  const { days } = frame;
  return {
    organisation: frame.organisation,
    threshold: threshold.score,
    alerts: raised.length,
    alertsPerDay: days > 0 ? raised.length / days : 0,
    falseAlertsPerDay: days > 0 ? raised.filter(({ campaigns }) => campaigns.length === 0).length / days : 0,
    campaigns: outcomes.length,
    caught,
    recall: outcomes.length > 0 ? caught / outcomes.length : null,
    timeToDetect: median(outcomes.map(({ detectedAfter }) => detectedAfter)),
    outcomes,
  };
}

function firstMoments(frame: EventFrame): Map<string, number> {
  const first = new Map<string, number>();
  frame.campaignOf.forEach((place, i) => {
    const name = frame.campaigns[place];
    if (name !== undefined) first.set(name, Math.min(first.get(name) ?? Infinity, frame.times[i] ?? 0));
  });
  return first;
}

/**
 * When each caught campaign is first shown. A group's alert is raised by its first event above the threshold, malicious or
 * not; it shows a campaign as soon as it holds an event of it as well.
 */
function shownAt({ frame, scores }: Scored, threshold: Threshold): Map<string, number> {
  const raisedAt = new Float64Array(frame.groups.length).fill(Infinity);
  frame.groupOf.forEach((group, i) => {
    if (!exceeds(scores[i] ?? NaN, frame.groups[group]?.tie ?? 0, threshold)) return;
    raisedAt[group] = Math.min(raisedAt[group] ?? Infinity, frame.times[i] ?? Infinity);
  });
  const shown = new Map<string, number>();
  frame.campaignOf.forEach((place, i) => {
    const name = frame.campaigns[place];
    const raised = raisedAt[frame.groupOf[i] ?? 0] ?? Infinity;
    if (name === undefined || raised === Infinity) return;
    const at = Math.max(raised, frame.times[i] ?? 0);
    if (at < (shown.get(name) ?? Infinity)) shown.set(name, at);
  });
  return shown;
}
