import { KIND, LOGON_CLASSES } from '../kinds.ts';
import type { Random } from '../random.ts';
import { DAY_SECONDS, drawSecond } from '../rhythm.ts';
import type { Organisation, World } from '../world/world.ts';
import {
  AUTH_MAP,
  AUTH_MAP_OTHER_ACCOUNT,
  EVENTS_PER_LOGON,
  FAIL_LOGON,
  FAIL_TICKET,
  FAILURES_PER_LOGON,
  FAILURE_SHARE,
  LOGOFF,
  TGS,
  TGT,
} from './companions.ts';
import { Drift } from './drift.ts';
import type { HabitBook, HabitColumns } from './habit-book.ts';
import type { Plan } from './plan.ts';
import type { Trace } from './trace.ts';

const LAST = DAY_SECONDS - 1;

/** Ordinary life of everything that ends in one organisation, day by day. */
export class OrdinaryLife {
  readonly world: World;
  readonly org: Organisation;
  readonly random: Random;
  readonly trace: Trace;
  readonly classes: readonly (HabitColumns | null)[];
  private readonly plan: Plan;
  private readonly drift = new Drift(this);
  private failScale = 1;

  constructor(world: World, org: Organisation, book: HabitBook, plan: Plan, random: Random, trace: Trace) {
    this.world = world;
    this.org = org;
    this.plan = plan;
    this.random = random;
    this.trace = trace;
    this.classes = LOGON_CLASSES.map(({ name }) => book.take(name));
  }

  /** Fills the day up to the plan. What looks like an attack has been written before, and counts. */
  day(day: number): void {
    const { org, plan, trace, random } = this;
    const logons = plan.logons(org.index, day);
    // Failures of hard negatives count as well: the rest is what ordinary logons may fail.
    const allowed = FAILURE_SHARE * (trace.events + logons * EVENTS_PER_LOGON) - trace.failures;
    this.failScale = Math.min(4, Math.max(0, allowed / (logons * FAILURES_PER_LOGON)));
    for (const [place, { kind, remote }] of LOGON_CLASSES.entries()) {
      const columns = this.classes[place];
      if (!columns) continue;
      const slot = 2 * kind + (remote ? 1 : 0);
      let left = plan.until(org.index, place, day) - (trace.logons[slot] ?? 0);
      while (left > 0) left -= this.session(columns, columns.draw.draw(random), kind, day, left);
    }
    this.drift.day(day);
  }

  /**
   * One visit: a few logons within minutes, as file and web access makes them, with the tickets before and the
   * log-offs after. Returns the number of logons.
   */
  session(columns: HabitColumns, i: number, kind: number, day: number, most: number): number {
    const { random, trace } = this;
    const account = columns.account[i] ?? 0;
    const target = columns.target[i] ?? 0;
    const dst = columns.dst[i] ?? 0;
    const given = columns.src[i] ?? 0;
    const src = given < 0 ? this.lease(-1 - given, day) : given;
    const rhythm = columns.rhythm[i] ?? 'always';
    let time = drawSecond(random, rhythm, columns.shift[i] ?? 0);
    const remote = src !== dst;
    const repeats = remote ? 1 + Math.min(7, Math.floor(random.exponential(1.1))) : 1;
    let isNew = false;
    if (remote && (given < 0 || columns.seen[i] === 0)) {
      columns.seen[i] = 1;
      isNew = trace.pairs.add(src, dst);
    }
    let count = 0;
    while (count < repeats && count < most && time <= LAST) {
      this.logon(account, target, src, dst, kind, time, isNew);
      isNew = false;
      count++;
      time += 1 + Math.floor(random.exponential(70));
    }
    return count;
  }

  /** One logon and what comes with it. */
  private logon(
    account: number,
    target: number,
    src: number,
    dst: number,
    kind: number,
    time: number,
    isNew: boolean,
  ): void {
    const { random, trace } = this;
    const ok = random.unit() >= FAIL_LOGON * this.failScale;
    if (kind === KIND.kerberos) {
      const failing = FAIL_TICKET * this.failScale;
      if (src !== dst && random.unit() < TGS)
        trace.write(time, account, account, src, dst, KIND.tgs, random.unit() >= failing, false);
      if (random.unit() < TGT && this.isOwnHost(src))
        trace.write(time, account, account, src, src, KIND.tgt, random.unit() >= failing, false);
    }
    trace.write(time, account, target, src, dst, kind, ok, isNew);
    if (random.unit() < AUTH_MAP) {
      const mapped =
        random.unit() < AUTH_MAP_OTHER_ACCOUNT ? (this.world.machineAccount[dst] ?? target) : target;
      trace.write(time, target, mapped, dst, dst, KIND.authMap, true, false);
    }
    if (!ok) return;
    const off = LOGOFFS[kind] ?? -1;
    if (off < 0 || random.unit() >= LOGOFF) return;
    const later = time + Math.floor(random.exponential(off === KIND.logoff ? 60 : 7200));
    trace.write(later, target, target, dst, dst, off, true, false);
  }

  private isOwnHost(src: number): boolean {
    return this.world.hostOwner[src] === this.org.index && this.world.hostRole[src] !== 'address';
  }

  /** The address of the pool that its holder has today: tomorrow it is somebody else's. */
  private lease(holder: number, day: number): number {
    const pool = this.org.byRole.address;
    // The first is the gateway's.
    return pool[1 + ((holder * 7919 + day * 104_729) % (pool.length - 1))] ?? 0;
  }
}

/** The log-off that belongs to each kind of logon; -1 for none. */
const LOGOFFS: readonly number[] = Array.from({ length: KIND.logoff }, (_, kind) =>
  kind === KIND.kerberos || kind === KIND.ntlm || kind === KIND.cleartext || kind === KIND.msv
    ? KIND.logoff
    : kind === KIND.interactive
      ? KIND.logoffInteractive
      : kind === KIND.remoteInteractive
        ? KIND.logoffRemote
        : -1,
);
