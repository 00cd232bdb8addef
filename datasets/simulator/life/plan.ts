import { LOGON_CLASSES } from '../kinds.ts';
import type { CheckedOptions } from '../options.ts';
import { dayFactor } from '../rhythm.ts';
import type { World } from '../world/world.ts';
import { EVENTS_PER_LOGON } from './companions.ts';

/**
 * How many logons of each class an organisation is to have by the end of each day. Running totals over organisations
 * and days are rounded, not the days by themselves, so that rare classes come out as published in sum.
 */
export class Plan {
  private readonly options: CheckedOptions;
  /** Logons of all organisations before each. */
  private readonly before: Float64Array;
  private readonly human: Float64Array;
  private readonly machine: Float64Array;

  constructor(world: World, options: CheckedOptions) {
    this.options = options;
    const logons = options.eventsTarget / EVENTS_PER_LOGON;
    this.before = new Float64Array(world.organisations.length + 1);
    for (const { index, hosts } of world.organisations)
      this.before[index + 1] = (this.before[index] ?? 0) + (logons * hosts.length) / options.hosts;
    this.human = elapsed(options.days, true);
    this.machine = elapsed(options.days, false);
  }

  /** Logons of a class (its place in `LOGON_CLASSES`) in organisation `org` from the first day to the end of `day`. */
  until(org: number, place: number, day: number): number {
    const entry = LOGON_CLASSES[place];
    if (!entry) return 0;
    const from = (this.before[org] ?? 0) * entry.share;
    const all = (this.before[org + 1] ?? 0) * entry.share - from;
    const share = (entry.human ? this.human : this.machine)[day] ?? 1;
    return Math.round(from + all * share) - Math.round(from);
  }

  /** About how many logons the organisation has on `day`. */
  logons(org: number, day: number): number {
    const all = (this.before[org + 1] ?? 0) - (this.before[org] ?? 0);
    return all * ((this.machine[day] ?? 1) - (day === 0 ? 0 : (this.machine[day - 1] ?? 0)));
  }

  get days(): number {
    return this.options.days;
  }
}

/** Share of the whole time's events that have happened at the end of each day, by weekday. */
function elapsed(days: number, human: boolean): Float64Array {
  const out = new Float64Array(days);
  let sum = 0;
  for (let day = 0; day < days; day++) out[day] = sum += dayFactor(day, human);
  return out.map((value) => value / sum);
}
