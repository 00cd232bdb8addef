import { CordonError } from '../protocol/errors.ts';
import { DAY_MS } from './day.ts';

const MAX_DAYS = 4096;

/**
 * Turns wall-clock times into Unix time. Where the clocks go back, a wall-clock time happens twice and means its first
 * occurrence; where they go forward, a time that never was is counted on from before the change (02:30 becomes 03:30).
 * Both are what Temporal calls `compatible`.
 */
export class TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat | null;
  /** Offset of a day of wall-clock time that has one offset from the day before to the day after; else null. */
  readonly #days = new Map<number, number | null>();

  /**
   * @param name of the IANA time zone database (Europe/Berlin), or an offset (+02:00)
   * @throws CordonError USAGE for a zone that nobody knows
   */
  constructor(name: string) {
    try {
      const format = new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        calendar: 'gregory',
        numberingSystem: 'latn',
        era: 'short',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
        hourCycle: 'h23',
      });
      this.name = format.resolvedOptions().timeZone;
      this.#format = this.name === 'UTC' ? null : format;
    } catch (error) {
      throw new CordonError(
        'USAGE',
        {
          expected: 'a time zone by its IANA name, for example Europe/Berlin or UTC',
          got: JSON.stringify(name.slice(0, 60)),
          next: 'use the name of the zone whose wall clock the log was written by',
        },
        { cause: error },
      );
    }
  }

  /** @param wall what `Date.UTC` makes of the wall-clock time @returns milliseconds since 1970, NaN for NaN */
  toUnix(wall: number): number {
    if (this.#format === null || !Number.isFinite(wall)) return wall;
    const day = Math.floor(wall / DAY_MS);
    let offset = this.#days.get(day);
    if (offset === undefined) {
      offset = this.#offsetOfDay(day);
      if (this.#days.size >= MAX_DAYS) this.#days.clear();
      this.#days.set(day, offset);
    }
    return offset === null ? this.#nearChange(wall) : wall - offset;
  }

  /** No zone changes its clocks twice within three days, and none is more than 14 hours from UTC. */
  #offsetOfDay(day: number): number | null {
    const before = this.#offsetAt((day - 1) * DAY_MS);
    return before === this.#offsetAt((day + 2) * DAY_MS) ? before : null;
  }

  #nearChange(wall: number): number {
    const before = this.#offsetAt(wall - DAY_MS);
    const after = this.#offsetAt(wall + DAY_MS);
    const first = wall - before;
    if (this.#offsetAt(first) === before) return first;
    const second = wall - after;
    return this.#offsetAt(second) === after ? second : first;
  }

  /** Wall clock less Unix time at an instant, milliseconds. */
  #offsetAt(unix: number): number {
    let [era, year, month, day, hour, minute, second] = ['AD', 0, 0, 0, 0, 0, 0];
    for (const { type, value } of this.#format?.formatToParts(unix) ?? []) {
      if (type === 'era') era = value;
      else if (type === 'year') year = Number(value);
      else if (type === 'month') month = Number(value);
      else if (type === 'day') day = Number(value);
      else if (type === 'hour') hour = Number(value);
      else if (type === 'minute') minute = Number(value);
      else if (type === 'second') second = Number(value);
    }
    const wall = new Date(0);
    wall.setUTCFullYear(era.startsWith('B') ? 1 - year : year, month - 1, day);
    wall.setUTCHours(hour, minute, second);
    return wall.getTime() - Math.floor(unix / 1000) * 1000;
  }
}

/** Wall clocks that show Unix time. */
export const UTC = new TimeZone('UTC');
