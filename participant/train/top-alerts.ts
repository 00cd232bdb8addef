/** The alerts an analyst would look at first, each with the reasons in words. */
import type { Architecture } from '../../models/detection/model.ts';
import { modelWith } from '../../models/detection/models.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { usedAccount } from '../features/event-kind.ts';
import type { SiteData } from './site-data.ts';
import { reasonsOf } from './reasons.ts';
import type { RowList } from './rows.ts';

/** The events of one source host on one day, as an analyst sees them. */
export interface Alert {
  /** Of the event with the highest score, milliseconds. */
  readonly time: number;
  readonly srcHost: string;
  /** Destinations of the group, that of the highest score first; at most ten. */
  readonly dstHosts: readonly string[];
  readonly account: string;
  /** Logit. */
  readonly score: number;
  /** Events of this source on this day. */
  readonly events: number;
  /** At most three, the weightiest first. */
  readonly reasons: readonly string[];
  readonly dataset: string;
}

const DESTINATIONS = 10;

/**
 * The `k` highest (source, day) groups of the evaluation part, highest first.
 * @param isBenign whether somebody has said of an event that it is a false alarm: it raises no alert then
 */
export function topAlerts(
  architecture: Architecture,
  weights: Float32Array,
  site: SiteData,
  k: number,
  isBenign: (event: AuthEvent) => boolean = () => false,
): Alert[] {
  const { events, list } = site.evaluation;
  const scores = modelWith(architecture).scores(weights, list.rows);
  const groups = new Map<string, number[]>();
  events.forEach((event, i) => {
    if (isBenign(event)) return;
    const key = `${Math.floor(event.time / DAY_MS)}\0${event.srcHost}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [i]);
    else group.push(i);
  });
  const score = (i: number | undefined): number => scores[i ?? -1] ?? -Infinity;
  const best = [...groups.values()].map((rows) => ({
    top: rows.reduce((a, b) => (score(b) > score(a) ? b : a)),
    rows,
  }));
  best.sort((a, b) => score(b.top) - score(a.top) || a.top - b.top);
  const usual = usualRow(site);
  return best.slice(0, k).flatMap(({ top, rows }) => {
    const event = events[top];
    if (event === undefined) return [];
    const ordered = rows.toSorted((a, b) => score(b) - score(a) || a - b);
    const destinations = new Set(ordered.map((i) => events[i]?.dstHost ?? ''));
    return {
      time: event.time,
      srcHost: event.srcHost,
      dstHosts: [...destinations].slice(0, DESTINATIONS),
      account: usedAccount(event),
      score: score(top),
      events: rows.length,
      reasons: reasonsOf(architecture, weights, list.row(top), usual),
      dataset: event.source.dataset,
    };
  });
}

/** What the site's ordinary rows look like: the mean of those of which nothing is new, where there are any. */
export function usualRow({ familiar, novel }: Pick<SiteData, 'familiar' | 'novel'>): Float32Array {
  return meanRow(familiar.length > 0 ? familiar : novel);
}

function meanRow(list: RowList): Float32Array {
  const mean = new Float32Array(list.width);
  for (let i = 0; i < list.length; i++) {
    list.row(i).forEach((value, column) => {
      mean[column] = (mean[column] ?? 0) + value / list.length;
    });
  }
  return mean;
}
