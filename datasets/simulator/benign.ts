import type { DayBuffer } from './day-buffer.ts';
import type { Habit, Habits } from './habits.ts';
import { KIND, LOGON_CLASSES, type ClassName, type LogonClass } from './kinds.ts';
import type { Random } from './random.ts';
import { DAY_SECONDS, dayFactor, drawSecond } from './rhythm.ts';
import type { Organisation, World } from './world.ts';

/** Events that come with 100 logons of the published mix; LogOff, TGT, TGS and AuthMap make up the rest. */
export const EVENTS_PER_LOGON = 2.03;

const LOGOFF = 0.83;
const TGS = 0.2;
const TGT = 0.12;
const AUTH_MAP = 0.06;
const AUTH_MAP_OTHER_ACCOUNT = 0.2;
const FAIL_LOGON = 0.0105;
const FAIL_TICKET = 0.041;
/** Share of remote logons by people that leave their habits: other servers, other desks, new projects. */
const DRIFT = 0.003;

/** Logons of one day and organisation, as if all classes were of people, and as if all were of machines. */
export interface DayQuota {
  readonly human: number;
  readonly machine: number;
}

/** Shares `total` logons out over the days by their weekdays. */
export function dayQuota(total: number, day: number, days: number): DayQuota {
  const share = (human: boolean): number => {
    let sum = 0;
    for (let d = 0; d < days; d++) sum += dayFactor(d, human);
    return (total * dayFactor(day, human)) / sum;
  };
  return { human: share(true), machine: share(false) };
}

/** Adds one day of ordinary life of everything that ends in `org`. */
export function benignDay(
  world: World,
  org: Organisation,
  habits: Habits,
  random: Random,
  day: number,
  logons: DayQuota,
  out: DayBuffer,
): void {
  for (const logonClass of LOGON_CLASSES) {
    const expected = logonClass.share * (logonClass.human ? logons.human : logons.machine);
    let left = Math.floor(expected) + (random.chance(expected % 1) ? 1 : 0);
    while (left > 0) {
      const habit = habits.draw(logonClass.name, random);
      if (habit === null) break;
      const used =
        logonClass.remote && habit.rhythm === 'office' && random.chance(DRIFT)
          ? drift(world, org, habit, habits, logonClass.name, random)
          : habit;
      left -= session(world, used, logonClass, random, day, left, out);
    }
  }
}

/**
 * One visit: a few logons within minutes, as file and web access makes them, with the tickets before and the log-offs
 * after. Returns the number of logons.
 */
function session(
  world: World,
  habit: Habit,
  logonClass: LogonClass,
  random: Random,
  day: number,
  most: number,
  out: DayBuffer,
): number {
  const start = day * DAY_SECONDS + drawSecond(random, habit.rhythm, habit.shift);
  const end = (day + 1) * DAY_SECONDS - 1;
  const repeats = logonClass.remote ? 1 + Math.min(7, Math.floor(random.exponential(1.1))) : 1;
  let time = start;
  let count = 0;
  while (count < Math.min(repeats, most) && time <= end) {
    logon(world, habit, logonClass.kind, random, time, end, out);
    count++;
    time += 1 + random.exponential(70);
  }
  return Math.max(1, count);
}

/** One logon and what comes with it. */
function logon(
  world: World,
  h: Habit,
  kind: number,
  random: Random,
  time: number,
  end: number,
  out: DayBuffer,
): void {
  const ok = !random.chance(FAIL_LOGON);
  if (kind === KIND.kerberos) {
    if (h.src !== h.dst && random.chance(TGS)) {
      out.add(time, h.account, h.account, h.src, h.dst, KIND.tgs, !random.chance(FAIL_TICKET));
    }
    if (random.chance(TGT)) {
      out.add(time, h.account, h.account, h.src, h.src, KIND.tgt, !random.chance(FAIL_TICKET));
    }
  }
  out.add(time, h.account, h.target, h.src, h.dst, kind, ok);
  if (random.chance(AUTH_MAP)) {
    const mapped = random.chance(AUTH_MAP_OTHER_ACCOUNT)
      ? (world.machineAccount[h.dst] ?? h.target)
      : h.target;
    out.add(time, h.target, mapped, h.dst, h.dst, KIND.authMap, true);
  }
  if (!ok) return;
  const off =
    kind === KIND.kerberos || kind === KIND.ntlm || kind === KIND.cleartext
      ? KIND.logoff
      : kind === KIND.interactive
        ? KIND.logoffInteractive
        : kind === KIND.remoteInteractive
          ? KIND.logoffRemote
          : -1;
  if (off < 0 || !random.chance(LOGOFF)) return;
  const later = time + random.exponential(off === KIND.logoff ? 60 : 7200);
  out.add(Math.min(later, end), h.target, h.target, h.dst, h.dst, off, true);
}

/** Somebody goes where they have not been, or comes from another desk; half of these become habits. */
function drift(
  world: World,
  org: Organisation,
  habit: Habit,
  habits: Habits,
  className: ClassName,
  random: Random,
): Habit {
  const own = world.hostOwner[habit.src] === org.index;
  const moved: Habit =
    own && random.chance(0.4)
      ? { ...habit, src: random.pick(org.workstations) }
      : { ...habit, dst: random.pick(org.servers) };
  if (moved.src === moved.dst) return habit;
  const list = habits.lists.get(className);
  // Takes the place of another habit, so that rates stay what they are.
  if (list && random.chance(0.5)) {
    const slot = list.indexOf(habit);
    if (slot >= 0) list[slot] = moved;
  }
  return moved;
}
