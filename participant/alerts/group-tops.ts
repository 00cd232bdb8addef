import { DAY_MS } from '../../models/metrics/alerts.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';

/** The highest event of a source host on a day. */
export interface Top {
  readonly event: AuthEvent;
  readonly row: Float32Array;
  score: number;
}

interface Day {
  /** Share of the source hosts that were looked at, 0 to 1. */
  share: number;
  readonly tops: Map<string, Top>;
  /** The lowest score that is kept, once there were more source hosts than are. */
  floor: number;
}

/** Days that count. */
export const DAYS = 14;
/** Share of the history that only fills it, as where models are trained. */
const WARM_UP = 0.15;
/** Groups that are kept of a day, at least. */
const LEAST_GROUPS = 32;

/**
 * The highest groups (source host, day) of the last 14 days with the row of their highest event, from which a threshold
 * follows that a model would have exceeded so many times a day. Bounded; another model scores the same rows again.
 */
export class GroupTops {
  readonly #days = new Map<number, Day>();
  readonly #perDay: number;
  readonly #mostGroups: number;
  #first = Infinity;
  #last = -Infinity;

  /** @param perDay alerts a day that the site wants to look at */
  constructor(perDay: number) {
    this.#perDay = perDay;
    this.#mostGroups = Math.max(LEAST_GROUPS, Math.ceil(perDay * DAYS) + 1);
  }

  /** Takes a scored event in; the row is copied where it is kept. @param share of the day's source hosts that are offered */
  offer(event: AuthEvent, row: Float32Array, score: number, share = 1): void {
    const number = Math.floor(event.time / DAY_MS);
    this.#first = Math.min(this.#first, event.time);
    this.#last = Math.max(this.#last, event.time);
    let day = this.#days.get(number);
    if (day === undefined) {
      this.#days.set(number, (day = { share: 0, tops: new Map(), floor: -Infinity }));
      this.#forgetDays();
    }
    day.share = Math.max(day.share, share);
    const known = day.tops.get(event.srcHost);
    if (score <= (known?.score ?? day.floor)) return;
    day.tops.set(event.srcHost, { event, row: row.slice(), score });
    if (day.tops.size > 2 * this.#mostGroups) this.#prune(day);
  }

  /** Scores all rows again, for another model. @param score of a row, or null for one that it cannot score */
  rescore(score: (row: Float32Array) => number | null): void {
    for (const day of this.#days.values()) {
      for (const [host, top] of day.tops) {
        const next = score(top.row);
        if (next === null) day.tops.delete(host);
        else top.score = next;
      }
      // What was below the old floor is gone and may be above the new one.
      day.floor = -Infinity;
    }
  }

  /**
   * What an event must exceed so that the days before `today` would have had `perDay` alerts each; those of `today` where
   * there are none before. Days in the beginning, when everything was new, are left out where there are others. What is
   * less than a day long allows none. null where nothing has been seen.
   * @param since when the site's history begins, milliseconds
   */
  threshold(today: number, since: number, isKnownAttack: (event: AuthEvent) => boolean): number | null {
    const before = [...this.#days].filter(([number]) => number < today);
    const warm = since + WARM_UP * (today * DAY_MS - since);
    const seasoned = before.filter(([number]) => number * DAY_MS >= warm);
    const counted = [seasoned, before, [...this.#days]].find(({ length }) => length > 0) ?? [];
    const tops = counted.flatMap(([, day]) => [...day.tops.values()]);
    const scores = tops
      .filter(({ event }) => !isKnownAttack(event))
      .map(({ score }) => score)
      .sort((a, b) => b - a);
    if (scores.length === 0) return null;
    const days = counted.reduce((sum, [, { share }]) => sum + share, 0);
    const until = before.length > 0 ? Math.min(this.#last, today * DAY_MS) : this.#last;
    const allowed = until - this.#first < DAY_MS ? 0 : Math.floor(this.#perDay * days);
    return scores[allowed] ?? -Infinity;
  }

  /** Days that are counted. */
  get days(): number {
    return this.#days.size;
  }

  /** As plain values that JSON keeps. */
  snapshot(): GroupTopsSnapshot {
    return {
      first: this.#first === Infinity ? null : this.#first,
      last: this.#last === -Infinity ? null : this.#last,
      days: [...this.#days].map(([number, { share, floor, tops }]) => ({
        number,
        share,
        floor: floor === -Infinity ? null : floor,
        tops: [...tops.values()].map(({ event, row, score }) => ({ event, row: toText(row), score })),
      })),
    };
  }

  restore({ first, last, days }: GroupTopsSnapshot): void {
    this.#first = first ?? Infinity;
    this.#last = last ?? -Infinity;
    this.#days.clear();
    for (const { number, share, floor, tops } of days) {
      const entries = tops.map(({ event, row, score }): [string, Top] => [
        event.srcHost,
        { event, row: fromText(row), score },
      ]);
      this.#days.set(number, { share, floor: floor ?? -Infinity, tops: new Map(entries) });
    }
  }

  #prune(day: Day): void {
    const ordered = [...day.tops].sort(([, a], [, b]) => b.score - a.score);
    for (const [host] of ordered.slice(this.#mostGroups)) day.tops.delete(host);
    day.floor = ordered[this.#mostGroups - 1]?.[1].score ?? -Infinity;
  }

  #forgetDays(): void {
    const numbers = [...this.#days.keys()].sort((a, b) => a - b);
    for (const number of numbers.slice(0, Math.max(0, numbers.length - DAYS))) this.#days.delete(number);
    const [oldest] = numbers.slice(-DAYS);
    if (oldest !== undefined) this.#first = Math.max(this.#first, oldest * DAY_MS);
  }
}

export interface GroupTopsSnapshot {
  readonly first: number | null;
  readonly last: number | null;
  readonly days: readonly {
    readonly number: number;
    readonly share: number;
    readonly floor: number | null;
    readonly tops: readonly { readonly event: AuthEvent; readonly row: string; readonly score: number }[];
  }[];
}

function toText(row: Float32Array): string {
  return Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString('base64');
}

function fromText(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}
