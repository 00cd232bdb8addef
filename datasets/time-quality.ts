import { DAY_MS, YEAR_2000 } from './day.ts';

/** What comes later than this after a newer event of its log gets no features (docs/events.md). */
const LATE_MS = 5 * 60_000;
/** Days that are kept apart; beyond it gaps are no longer looked for. */
const MAX_DAYS = 100_000;

/** A stretch of at least a day without an event: the events before and after it, milliseconds. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** How the times of a data set run. */
export interface TimeQuality {
  /** Events that are older than one before them in the same file. */
  readonly outOfOrder: number;
  /** Of these, events that are more than five minutes older. */
  readonly late: number;
  /** Longest first. */
  readonly gaps: readonly Gap[];
}

/** Watches the times of events as they come, file after file, in bounded memory. */
export class TimeWatch {
  #newest = -Infinity;
  #outOfOrder = 0;
  #late = 0;
  /** First and last time of each day that has events; null where there are too many days. */
  #days: Map<number, Gap> | null = new Map();

  /** Order counts within a file: files of a folder need not follow one another. */
  beginFile(): void {
    this.#newest = -Infinity;
  }

  see(time: number): void {
    if (time < this.#newest) {
      this.#outOfOrder++;
      if (this.#newest - time > LATE_MS) this.#late++;
    } else this.#newest = time;
    if (this.#days === null) return;
    const day = Math.floor(time / DAY_MS);
    const known = this.#days.get(day);
    if (known === undefined) {
      this.#days.set(day, { from: time, to: time });
      if (this.#days.size > MAX_DAYS) this.#days = null;
    } else if (time < known.from) this.#days.set(day, { from: time, to: known.to });
    else if (time > known.to) this.#days.set(day, { from: known.from, to: time });
  }

  result(): TimeQuality {
    const days = [...(this.#days ?? [])].toSorted(([a], [b]) => a - b);
    const gaps = days.flatMap(([, { from: to }], i) => {
      const from = days[i - 1]?.[1].to ?? to;
      // The two ways of counting time have no common origin: nothing lies between them.
      const apart = from < YEAR_2000 && to >= YEAR_2000;
      return to - from >= DAY_MS && !apart ? [{ from, to }] : [];
    });
    return {
      outOfOrder: this.#outOfOrder,
      late: this.#late,
      gaps: gaps.toSorted((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from),
    };
  }
}

const QUARTER_MS = 15 * 60_000;
/** A record is written down at most this long after it happened, and its clock may be a little ahead. */
const DELAY_MS = 6 * 60_000;
const AHEAD_MS = 60_000;

/**
 * By how many minutes a wall clock is behind UTC (New York in summer: 240), from a wall-clock time taken for UTC and
 * the time at which the same record was received; null where they do not go together. Zones are whole quarters of an
 * hour from UTC, at most 14 hours.
 */
export function minutesBehind(wall: number, received: number): number | null {
  const shifted = received - wall + AHEAD_MS;
  const quarters = Math.floor(shifted / QUARTER_MS);
  if (shifted - quarters * QUARTER_MS > DELAY_MS || Math.abs(quarters) > 56) return null;
  return quarters * 15;
}
