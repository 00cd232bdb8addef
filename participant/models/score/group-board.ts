import { DAY_MS } from '../../../models/metrics/alerts.ts';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';
import { LATENESS_MS } from '../../telemetry/site-pipeline.ts';

/** Destinations that an alert names. */
const DESTINATIONS = 10;

/** The events of one source host on one day, and the highest of them with its row. */
export interface ScoredGroup {
  /** In the order in which groups began, from 0. */
  readonly number: number;
  readonly srcHost: string;
  events: number;
  /** With the highest score of each, the highest first; ten. */
  destinations: { readonly host: string; readonly score: number }[];
  score: number;
  top: AuthEvent;
  /** Place of the highest event among all, from 0. */
  place: number;
  row: Float32Array;
  /** Whether a labelled event is in it. */
  isLabelled: boolean;
}

/** Groups as events come in; in memory are those of days that may still have events, and the highest of all others. */
export class GroupBoard {
  groups = 0;
  /** Groups with a labelled event. */
  labelled = 0;
  readonly #most: number;
  readonly #days = new Map<number, Map<string, ScoredGroup>>();
  readonly #best: ScoredGroup[] = [];
  #newest = -Infinity;

  /** @param most groups that are kept */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Takes the next event in; none is late.
   * @param place among all events that are scored
   * @param row copied where it is kept
   * @returns number of its group
   */
  offer(event: AuthEvent, row: Float32Array, score: number, place: number, isLabelled: boolean): number {
    const { time, srcHost, dstHost } = event;
    if (time > this.#newest) {
      this.#newest = time;
      this.#closeDays(time - LATENESS_MS);
    }
    const number = Math.floor(time / DAY_MS);
    let day = this.#days.get(number);
    if (day === undefined) this.#days.set(number, (day = new Map<string, ScoredGroup>()));
    let group = day.get(srcHost);
    if (group === undefined) {
      group = {
        number: this.groups++,
        srcHost,
        events: 0,
        destinations: [],
        score,
        top: event,
        place,
        row: row.slice(),
        isLabelled: false,
      };
      day.set(srcHost, group);
    }
    group.events++;
    if (isLabelled && !group.isLabelled) {
      group.isLabelled = true;
      this.labelled++;
    }
    addDestination(group, dstHost, score);
    if (score > group.score) {
      Object.assign(group, { score, top: event, place });
      group.row.set(row);
    }
    return group.number;
  }

  /** The highest groups, the highest first; of equal ones the one whose highest event came first. */
  finish(): readonly ScoredGroup[] {
    this.#closeDays(Infinity);
    return this.#best;
  }

  /** Days that ended before this have all their events. */
  #closeDays(before: number): void {
    for (const [number, day] of this.#days) {
      if ((number + 1) * DAY_MS > before) continue;
      this.#days.delete(number);
      for (const group of day.values()) this.#keep(group);
    }
  }

  #keep(group: ScoredGroup): void {
    const best = this.#best;
    const last = best.at(-1);
    if (best.length >= this.#most && last !== undefined && !isHigher(group, last)) return;
    let [low, high] = [0, best.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = best[middle];
      if (other !== undefined && isHigher(other, group)) low = middle + 1;
      else high = middle;
    }
    best.splice(low, 0, group);
    if (best.length > this.#most) best.pop();
  }
}

function isHigher(a: ScoredGroup, b: ScoredGroup): boolean {
  return a.score > b.score || (a.score === b.score && a.place < b.place);
}

function addDestination(group: ScoredGroup, host: string, score: number): void {
  const { destinations } = group;
  const known = destinations.find((one) => one.host === host);
  const lowest = destinations.at(-1)?.score ?? -Infinity;
  if (known !== undefined ? score <= known.score : destinations.length >= DESTINATIONS && score <= lowest)
    return;
  const others = destinations.filter((one) => one !== known);
  const at = others.findIndex((one) => one.score < score);
  others.splice(at < 0 ? others.length : at, 0, { host, score });
  group.destinations = others.slice(0, DESTINATIONS);
}
