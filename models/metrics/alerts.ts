/**
 * The benchmark protocol's alerts: a (destination organisation, source host, day) group is one alert with the highest
 * score of its events. Each organisation takes its threshold from its own benign validation data.
 */
import { checkScores, type EventFrame, type Group, highest } from './event-frame.ts';

export { DAY_MS } from './event-frame.ts';

/** The events of one source host at one organisation on one day: one alert, should it be raised. */
export interface AlertGroup extends Group {
  readonly organisation: string;
  /** Highest score in the group. */
  readonly score: number;
  readonly events: number;
  /** Campaigns with an event in it. */
  readonly campaigns: readonly string[];
}

/** What an alert must exceed: a score, and among equal scores a tie. */
export interface Threshold {
  readonly score: number;
  readonly tie: number;
}

/**
 * Groups of one organisation, highest score first; equal scores by `tie`.
 * @throws ModelError SHAPE_MISMATCH, NOT_FINITE as `checkScores`
 */
export function alertGroups(frame: EventFrame, scores: ArrayLike<number>): AlertGroup[] {
  checkScores(frame, scores);
  const best = highest(frame.groupOf, scores, frame.groups.length);
  const events = new Uint32Array(frame.groups.length);
  const campaigns = new Map<number, Set<string>>();
  frame.groupOf.forEach((group, i) => {
    events[group] = (events[group] ?? 0) + 1;
    const name = frame.campaigns[frame.campaignOf[i] ?? -1];
    if (name === undefined) return;
    const names = campaigns.get(group);
    if (names === undefined) campaigns.set(group, new Set([name]));
    else names.add(name);
  });
  return frame.groups
    .map((group, i) => ({
      ...group,
      organisation: frame.organisation,
      score: best[i] ?? -Infinity,
      events: events[i] ?? 0,
      campaigns: [...(campaigns.get(i) ?? [])],
    }))
    .sort(byScore);
}

function byScore(a: AlertGroup, b: AlertGroup): number {
  if (a.score !== b.score) return b.score - a.score;
  if (a.tie !== b.tie) return b.tie - a.tie;
  if (a.day !== b.day) return a.day - b.day;
  return a.srcHost < b.srcHost ? -1 : Number(a.srcHost > b.srcHost);
}

/**
 * The threshold that gives `perDay` alerts a day on benign validation events. Where a score that many groups share lies on
 * the border, their ties divide them, so that a rule with two scores has as many alerts to spend as a model. With fewer
 * groups than alerts allowed, everything exceeds it.
 */
export function thresholdAt(perDay: number, frame: EventFrame, scores: ArrayLike<number>): Threshold {
  const at = alertGroups(frame, scores)[Math.floor(perDay * frame.days)];
  return at === undefined ? { score: -Infinity, tie: -Infinity } : { score: at.score, tie: at.tie };
}

/** Whether a score, of an event or a group, raises its group's alert. */
export function exceeds(score: number, tie: number, threshold: Threshold): boolean {
  return score > threshold.score || (score === threshold.score && tie > threshold.tie);
}

/** Campaigns found when only the `perDay` highest groups of each day are looked at. */
export function campaignsFound(groups: readonly AlertGroup[], perDay: number): Set<string> {
  const looked = new Map<number, number>();
  const found = new Set<string>();
  for (const group of [...groups].sort(byScore)) {
    const before = looked.get(group.day) ?? 0;
    if (before >= perDay) continue;
    looked.set(group.day, before + 1);
    for (const campaign of group.campaigns) found.add(campaign);
  }
  return found;
}
