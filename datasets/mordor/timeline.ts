import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { DAY_MS } from '../day.ts';

/**
 * One organisation's events in order of time, the first at 0, with the idle time between recordings taken out.
 *
 * Recordings lie days to years apart. A gap of a day or more becomes one to two days: one day plus what is left of
 * the gap after whole days. So the order stays, hours of the day stay comparable between recordings, and "not seen
 * for a day" stays true, while a history of three years becomes one of some weeks.
 */
export function compressTimeline(events: readonly CanonicalEvent[]): CanonicalEvent[] {
  const sorted = events.toSorted((a, b) => a.time - b.time);
  const out: CanonicalEvent[] = [];
  let previous = sorted[0]?.time ?? 0;
  let now = 0;
  for (const event of sorted) {
    const gap = event.time - previous;
    now += gap < DAY_MS ? gap : DAY_MS + (gap % DAY_MS);
    previous = event.time;
    out.push({ ...event, time: now });
  }
  return out;
}
