import { KIND, LOGON_KINDS } from '../kinds.ts';
import { type DayBuffer, NOVEL, SUCCESS } from '../log/day-buffer.ts';
import { Pairs } from './pairs.ts';

/**
 * What one organisation's ordinary life has left in its log so far, by count; everything that happens to it is written
 * through here.
 */
export class Trace {
  readonly out: DayBuffer;
  readonly pairs = new Pairs();
  /** Logons since the beginning by kind, local ones at twice the kind's number, remote ones after them. */
  readonly logons = new Int32Array(2 * LOGON_KINDS);
  events = 0;
  failures = 0;
  /** Remote logons of the day, and those among them over a pair that the log had not shown. */
  remote = 0;
  novel = 0;

  constructor(out: DayBuffer) {
    this.out = out;
  }

  nextDay(): void {
    this.remote = 0;
    this.novel = 0;
  }

  /** An event whose pair of computers is looked up. @param second of the day */
  add(
    second: number,
    account: number,
    target: number,
    src: number,
    dst: number,
    kind: number,
    ok: boolean,
  ): void {
    const isRemote = kind < LOGON_KINDS && src !== dst;
    this.write(second, account, target, src, dst, kind, ok, isRemote && this.pairs.add(src, dst));
  }

  /** An event of which it is known whether its pair of computers is new. */
  write(
    second: number,
    account: number,
    target: number,
    src: number,
    dst: number,
    kind: number,
    ok: boolean,
    isNew: boolean,
  ): void {
    this.events++;
    if (!ok) this.failures++;
    if (kind < LOGON_KINDS) {
      const slot = 2 * kind + (src === dst ? 0 : 1);
      this.logons[slot] = (this.logons[slot] ?? 0) + 1;
      if (src !== dst) this.remote++;
      if (isNew) this.novel++;
    }
    this.out.add(second, account, target, src, dst, kind + (ok ? SUCCESS : 0) + (isNew ? NOVEL : 0));
  }

  /** A logon as hard negatives have it, without what else comes with one. */
  logon(second: number, account: number, src: number, dst: number, kind: number, ok = true): void {
    if (src !== dst) this.add(Math.floor(second), account, account, src, dst, kind, ok);
  }

  /** A service ticket and the Kerberos logon that it is for. */
  ticket(second: number, account: number, src: number, dst: number): void {
    if (src === dst) return;
    this.add(Math.floor(second), account, account, src, dst, KIND.tgs, true);
    this.logon(second, account, src, dst, KIND.kerberos);
  }
}
