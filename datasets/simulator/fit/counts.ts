import { LOGON_KINDS } from '../kinds.ts';
import { type DayBuffer, kindOf, MALICIOUS, NOVEL, SUCCESS } from '../log/day-buffer.ts';
import type { World } from '../world/world.ts';

/** Counts, while logs are written, what the published facts speak of, over ordinary events only. */
export class Counts {
  events = 0;
  failures = 0;
  sameAccount = 0;
  sameHost = 0;
  logons = 0;
  remote = 0;
  byMachines = 0;
  remoteLate = 0;
  novelLate = 0;
  /** Logons by kind, local ones at twice the kind's number, remote ones after them. */
  readonly classes = new Float64Array(LOGON_KINDS * 2);
  /** Remote logons by destination and by account. */
  readonly byHost: Float64Array;
  readonly byAccount: Float64Array;
  private readonly isMachine: Uint8Array;
  private readonly historyDays: number;

  constructor(world: World, days: number) {
    this.historyDays = Math.floor(days / 2);
    this.byHost = new Float64Array(world.hostNames.length);
    this.byAccount = new Float64Array(world.accountNames.length);
    this.isMachine = new Uint8Array(world.accountNames.length);
    for (const account of world.machineAccount) if (account >= 0) this.isMachine[account] = 1;
  }

  /** Counts one organisation's day; its second half of the days is where new pairs are looked for. */
  add(number: number, day: DayBuffer): void {
    const { length, what, srcHost, dstHost, srcAccount, dstAccount } = day;
    const isLate = number >= this.historyDays;
    for (let i = 0; i < length; i++) {
      const w = what[i] ?? 0;
      if ((w & MALICIOUS) !== 0) continue;
      const dst = dstHost[i] ?? 0;
      const account = srcAccount[i] ?? 0;
      const remote = srcHost[i] !== dst;
      this.events++;
      if ((w & SUCCESS) === 0) this.failures++;
      if (account === dstAccount[i]) this.sameAccount++;
      if (!remote) this.sameHost++;
      const kind = kindOf(w);
      if (kind >= LOGON_KINDS) continue;
      this.logons++;
      const slot = kind * 2 + (remote ? 1 : 0);
      this.classes[slot] = (this.classes[slot] ?? 0) + 1;
      if (!remote) continue;
      this.remote++;
      this.byMachines += this.isMachine[account] ?? 0;
      this.byHost[dst] = (this.byHost[dst] ?? 0) + 1;
      this.byAccount[account] = (this.byAccount[account] ?? 0) + 1;
      if (!isLate) continue;
      this.remoteLate++;
      if ((w & NOVEL) !== 0) this.novelLate++;
    }
  }
}
