import { parseTime } from '../time-text.ts';
import type { TimeZone } from '../time-zone.ts';

const DAY_FIRST = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AP]M))?$/i;

/** The five days of CICIDS2017; it was recorded from before nine to shortly after five in the afternoon. */
const FIRST_DAY = Date.UTC(2017, 6, 3);
const END_OF_DAYS = Date.UTC(2017, 6, 8);
const FIRST_HOUR = 8;

/**
 * A time of a CICFlowMeter table: `d/m/yyyy h:mm[:ss] [AM|PM]`, day first, or ISO 8601, by the wall clock of `zone`;
 * NaN where it is neither. CICIDS2017 was written with a clock of twelve hours and without AM or PM. As nothing was
 * recorded there before eight in the morning, an earlier hour on its five days is one of the afternoon.
 */
export function cicTime(text: string, zone: TimeZone): number {
  const match = DAY_FIRST.exec(text);
  if (match === null) return parseTime(text, zone);
  const [, day = '', month = '', year = '', hours = '', minutes = '', seconds = '0', half] = match;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const right = new Date(date);
  if (right.getUTCMonth() !== Number(month) - 1 || right.getUTCDate() !== Number(day)) return NaN;
  const hour = hourOf(Number(hours), half?.toUpperCase(), date);
  if (Number.isNaN(hour) || Number(minutes) > 59 || Number(seconds) > 60) return NaN;
  return zone.toUnix(date + ((hour * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000);
}

function hourOf(hour: number, half: string | undefined, date: number): number {
  if (half !== undefined) return hour < 1 || hour > 12 ? NaN : (hour % 12) + (half === 'PM' ? 12 : 0);
  if (hour > 23) return NaN;
  const recorded = date >= FIRST_DAY && date < END_OF_DAYS;
  return recorded && hour < FIRST_HOUR ? hour + 12 : hour;
}
