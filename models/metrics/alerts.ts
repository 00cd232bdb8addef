/**
 * The benchmark protocol's alerts: a (destination organisation, source host, day) group is one alert with the highest
 * score of its events. Each organisation takes its threshold from its own benign validation data.
 */

/** One scored event of one organisation. */
export interface ScoredEvent {
  readonly score: number;
  /** Milliseconds. */
  readonly time: number;
  readonly srcHost: string;
  /** Names of the campaigns this event belongs to; empty for benign ones. */
  readonly campaigns: readonly string[];
}

/** The events of one source host at one organisation on one day: one alert. `day` counts from time 0. */
export interface AlertGroup {
  readonly organisation: string;
  readonly srcHost: string;
  readonly day: number;
  /** Highest score in the group. */
  readonly score: number;
  readonly events: number;
  readonly campaigns: readonly string[];
}

/** Milliseconds of a day; alerts are counted by it. */
export const DAY_MS = 86_400_000;

/** Groups of one organisation, highest score first; equal scores by day, then source. */
export function alertGroups(organisation: string, events: Iterable<ScoredEvent>): AlertGroup[] {
  const groups = new Map<
    string,
    { srcHost: string; day: number; score: number; events: number; campaigns: Set<string> }
  >();
  for (const event of events) {
    const day = Math.floor(event.time / DAY_MS);
    const key = `${day}\0${event.srcHost}`;
    let group = groups.get(key);
    if (group === undefined) {
      group = { srcHost: event.srcHost, day, score: -Infinity, events: 0, campaigns: new Set() };
      groups.set(key, group);
    }
    group.score = Math.max(group.score, event.score);
    group.events++;
    for (const campaign of event.campaigns) group.campaigns.add(campaign);
  }
  return [...groups.values()]
    .map((group) => ({ ...group, organisation, campaigns: [...group.campaigns] }))
    .sort(byScore);
}

function byScore(a: AlertGroup, b: AlertGroup): number {
  if (a.score !== b.score) return b.score - a.score;
  if (a.day !== b.day) return a.day - b.day;
  return a.srcHost < b.srcHost ? -1 : Number(a.srcHost > b.srcHost);
}

/**
 * The threshold that gives `perDay` alerts a day on benign validation events: an alert is a group whose score exceeds
 * it. With fewer groups than alerts allowed, the threshold is -Infinity.
 */
export function thresholdAt(perDay: number, benign: Iterable<ScoredEvent>): number {
  const groups = alertGroups('', benign);
  const days = new Set(groups.map((group) => group.day)).size;
  return groups[Math.floor(perDay * days)]?.score ?? -Infinity;
}

/** What one organisation's own alerts are worth, at the threshold it would choose itself. */
export interface MemberResult {
  readonly organisation: string;
  readonly threshold: number;
  /** Alerts raised in the test period, and per day of it. */
  readonly alerts: number;
  readonly alertsPerDay: number;
  /** Those of them without any malicious event. */
  readonly falseAlertsPerDay: number;
  readonly campaigns: number;
  readonly caught: number;
  /** caught / campaigns; null where no campaign touches this member. */
  readonly recall: number | null;
}

/**
 * Of the campaigns that touch a member, the share that the member itself catches at its own threshold, which allows
 * `perDay` alerts a day on the validation events (less than one where these are a sample of the groups).
 */
export function memberRecall(
  organisation: string,
  benignValidation: Iterable<ScoredEvent>,
  test: readonly ScoredEvent[],
  perDay = 1,
): MemberResult {
  const threshold = thresholdAt(perDay, benignValidation);
  const groups = alertGroups(organisation, test);
  const raised = groups.filter((group) => group.score > threshold);
  const touching = new Set(groups.flatMap((group) => group.campaigns));
  const caught = new Set(raised.flatMap((group) => group.campaigns));
  const days = new Set(groups.map((group) => group.day)).size;
  return {
    organisation,
    threshold,
    alerts: raised.length,
    alertsPerDay: days > 0 ? raised.length / days : 0,
    falseAlertsPerDay: days > 0 ? raised.filter((group) => group.campaigns.length === 0).length / days : 0,
    campaigns: touching.size,
    caught: caught.size,
    recall: touching.size > 0 ? caught.size / touching.size : null,
  };
}

/**
 * Share of all campaigns caught when only the `perDay` highest groups over all organisations are looked at each day;
 * null without campaigns.
 */
export function campaignRecall(groups: readonly AlertGroup[], perDay: number): number | null {
  const all = new Set(groups.flatMap((group) => group.campaigns));
  if (all.size === 0) return null;
  const looked = new Map<number, number>();
  const caught = new Set<string>();
  for (const group of [...groups].sort(byScore)) {
    const before = looked.get(group.day) ?? 0;
    if (before >= perDay) continue;
    looked.set(group.day, before + 1);
    for (const campaign of group.campaigns) caught.add(campaign);
  }
  return caught.size / all.size;
}
