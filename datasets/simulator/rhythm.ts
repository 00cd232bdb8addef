import type { Random } from './random.ts';

/** Seconds of a day: the simulator counts in seconds, as LANL does. */
export const DAY_SECONDS = 86_400;
const HOUR = 3600;

/** When an edge is used: by people at work, all day by machines, at night by jobs, now and then during the day. */
export type Rhythm = 'office' | 'always' | 'night' | 'day';

/** A second of the day. `shift` moves the working day by hours. */
export function drawSecond(random: Random, rhythm: Rhythm, shift: number): number {
  switch (rhythm) {
    case 'office': {
      const morning = random.chance(0.52);
      const hour = (morning ? 9.6 + 1.2 * random.normal() : 14.2 + 1.6 * random.normal()) + shift;
      return clamp(hour * HOUR);
    }
    case 'day':
      return clamp((7 + 12 * random.unit()) * HOUR);
    case 'night':
      return clamp((1 + 3.5 * random.unit()) * HOUR);
    case 'always': {
      // Half on the quarter hour, as scheduled jobs and ticket renewals are, half at any time.
      const second = random.below(DAY_SECONDS);
      return random.chance(0.5) ? clamp(Math.floor(second / 900) * 900 + random.below(20)) : second;
    }
  }
}

/** Share of a weekday's events that happen on `day`; day 0 is a Monday. */
export function dayFactor(day: number, human: boolean): number {
  const weekday = day % 7;
  if (weekday < 5) return human ? (weekday === 4 ? 0.92 : 1) : 1;
  return human ? 0.12 : 0.72;
}

function clamp(second: number): number {
  return Math.min(DAY_SECONDS - 1, Math.max(0, Math.floor(second)));
}
