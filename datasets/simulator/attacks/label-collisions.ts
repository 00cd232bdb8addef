import type { Campaign } from './campaigns.ts';
import type { MaliciousEvent } from './attack.ts';
import { type DayBuffer, MALICIOUS, SUCCESS } from '../log/day-buffer.ts';
import { DAY_SECONDS } from '../rhythm.ts';
import type { World } from '../world/world.ts';

/** The campaigns' events by the organisation in whose log they stand and by day. */
export function attacksByDay(world: World, campaigns: readonly Campaign[]): Map<string, MaliciousEvent[]> {
  const out = new Map<string, MaliciousEvent[]>();
  for (const event of campaigns.flatMap(({ events }) => events)) {
    const place = dayKey(world.hostOwner[event.dst] ?? 0, Math.floor(event.time / DAY_SECONDS));
    const list = out.get(place);
    if (list) list.push(event);
    else out.set(place, [event]);
  }
  return out;
}

/** Key of a day (from 0) of an organisation. */
export function dayKey(organisation: number, day: number): string {
  return `${organisation}/${day}`;
}

/**
 * Adds intruders' events to a day. An ordinary event with exactly the time, account, source and destination of one of
 * them would be labelled with it; it happens at the nearest second at which there is no such event.
 */
export function addAttacks(today: readonly MaliciousEvent[], number: number, day: DayBuffer): void {
  const start = number * DAY_SECONDS;
  const keyOf = (second: number, account: number, src: number, dst: number): string =>
    `${second} ${account} ${src} ${dst}`;
  const keys = new Set(today.map(({ time, account, src, dst }) => keyOf(time - start, account, src, dst)));
  const seconds = new Uint8Array(DAY_SECONDS);
  for (const { time } of today) seconds[time - start] = 1;
  for (let i = 0; i < day.length; i++) {
    const second = day.second[i] ?? 0;
    if (seconds[second] === 0) continue;
    const [account = 0, src = 0, dst = 0] = [day.srcAccount[i], day.srcHost[i], day.dstHost[i]];
    const free = (at: number): boolean =>
      at >= 0 && at < DAY_SECONDS && !keys.has(keyOf(at, account, src, dst));
    for (let away = 0; away < DAY_SECONDS; away++) {
      const moved = free(second + away) ? second + away : free(second - away) ? second - away : -1;
      if (moved < 0) continue;
      day.second[i] = moved;
      break;
    }
  }
  for (const { time, account, src, dst, kind, success } of today) {
    day.add(time - start, account, account, src, dst, kind + MALICIOUS + (success ? SUCCESS : 0));
  }
}
