import type { TimeZone } from './time-zone.ts';

const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;

/** The earliest and the first too late time that a record of a calendar format may have, milliseconds since 1970. */
const EARLIEST = 0;
const TOO_LATE = Date.UTC(2200, 0);

/**
 * `YYYY-MM-DD hh:mm[:ss[.fraction]]`, with `T` or a space, with a zone of its own (`Z`, `+02:00`) or by the wall clock
 * of `zone`. Fractions are cut to milliseconds. NaN for anything else, dates that no calendar has included.
 */
export function parseTime(text: string, zone: TimeZone): number {
  const match = ISO.exec(text);
  if (match === null) return NaN;
  const [, year, month, day, hour, minute, second = '0', fraction = '', own = ''] = match;
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'));
  // setUTCFullYear and not Date.UTC, which takes the years 0 to 99 for the twentieth century.
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const rightDay = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!rightDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return NaN;
  const wall = date.setUTCHours(Number(hour), Number(minute), Number(second), ms);
  if (own === '') return zone.toUnix(wall);
  return wall - offset(own);
}

/** Whether a time ends with a zone of its own. */
export function hasZone(text: string): boolean {
  return /(?:Z|[+-]\d\d:?\d\d)$/i.test(text);
}

/** `Z` or `+hh:mm` in milliseconds. */
function offset(text: string): number {
  if (text.length === 1) return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return (text.startsWith('-') ? -minutes : minutes) * 60_000;
}

/**
 * Whether a time of a calendar lies outside 1970 to 2200: a clock that was never set (Windows writes 1601 for it), a
 * number in another unit. Such a record is a reject.
 */
export function implausibleTime(time: number): boolean {
  return !(time >= EARLIEST && time < TOO_LATE);
}
