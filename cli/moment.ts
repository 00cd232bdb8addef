import { DAY_MS } from '../datasets/day.ts';
import { parseTime } from '../datasets/time-text.ts';
import { TimeZone } from '../datasets/time-zone.ts';
import { CordonError } from '../protocol/errors.ts';

/** No recording lasts ten years: a time before that is counted from its start. */
const TEN_YEARS_MS = 315_360_000_000;

/** Time of a calendar as such, in UTC; one counted from the start of a recording as day and time. */
export function when(time: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return String(time);
  const text = date.toISOString().slice(0, 19).replace('T', ' ');
  return time >= 0 && time < TEN_YEARS_MS ? `day ${Math.floor(time / DAY_MS)} ${text.slice(11)}` : text;
}

const DAY_AND_TIME = /^day (\d{1,5})(?: ([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?)?$/;

/**
 * Milliseconds of a time as a person writes it: as `when` shows it, as an ISO date and time, or in milliseconds.
 * @param zone whose wall clock is meant by a date without a zone, as an IANA name
 * @param name of the option, for the error
 * @throws CordonError USAGE
 */
export function momentOf(text: string, zone: string, name: string): number {
  const [found, day, hours = 0, minutes = 0, seconds = 0] = DAY_AND_TIME.exec(text) ?? [];
  const time =
    found !== undefined
      ? Number(day) * DAY_MS + ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
      : /^\d{1,15}$/.test(text)
        ? Number(text)
        : parseTime(text, new TimeZone(zone));
  if (time >= 0) return time;
  throw new CordonError('USAGE', {
    expected: `${name} as 2026-01-31 08:15:00, as "day 3 08:15:00" of a recording, or in milliseconds`,
    got: text,
    next: 'write a date with Z or +01:00, or give --time-zone, where it is not UTC',
  });
}
