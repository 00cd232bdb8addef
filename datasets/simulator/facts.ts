import { MALICIOUS, type DayBuffer } from './day-buffer.ts';
import { LOGON_CLASSES, LOGON_KINDS } from './kinds.ts';

/** One published fact and what was generated, a share of 0 to 1. */
export interface FactRow {
  readonly fact: string;
  /** LANL 2015 as published; null where only a range is. */
  readonly published: string;
  readonly generated: number;
}

/** Counts, while events are written, what the published facts about LANL speak of, over ordinary events only. */
export class Facts {
  private events = 0;
  private failures = 0;
  private sameAccount = 0;
  private sameHost = 0;
  private logons = 0;
  private readonly classes = new Float64Array(LOGON_KINDS * 2);
  private readonly pairs = new Set<number>();
  private remoteLate = 0;
  private novelLate = 0;
  private readonly hosts: number;
  private readonly historyDays: number;

  constructor(hosts: number, days: number) {
    this.hosts = hosts;
    this.historyDays = Math.floor(days / 2);
  }

  /** @param i index of the event in the day's buffer; events must come in order of time */
  count(day: number, buffer: DayBuffer, i: number): void {
    const what = buffer.what[i] ?? 0;
    if (what >= MALICIOUS) return;
    const kind = what >> 1;
    const src = buffer.srcHost[i] ?? 0;
    const dst = buffer.dstHost[i] ?? 0;
    const remote = src !== dst;
    this.events++;
    if ((what & 1) === 0) this.failures++;
    if (buffer.srcAccount[i] === buffer.dstAccount[i]) this.sameAccount++;
    if (!remote) this.sameHost++;
    if (kind >= LOGON_KINDS) return;
    this.logons++;
    const slot = kind * 2 + (remote ? 1 : 0);
    this.classes[slot] = (this.classes[slot] ?? 0) + 1;
    if (!remote) return;
    const pair = src * this.hosts + dst;
    const novel = !this.pairs.has(pair);
    if (novel) this.pairs.add(pair);
    if (day < this.historyDays) return;
    this.remoteLate++;
    if (novel) this.novelLate++;
  }

  /** Shares between 0 and 1. */
  rows(): FactRow[] {
    const rows: FactRow[] = LOGON_CLASSES.map(({ name, kind, remote, share }) => ({
      fact: `${name}, share of logons`,
      published: String(share),
      generated: (this.classes[kind * 2 + (remote ? 1 : 0)] ?? 0) / this.logons,
    }));
    return [
      ...rows,
      {
        fact: 'failures, share of events',
        published: '0.012 to 0.014',
        generated: this.failures / this.events,
      },
      { fact: 'same account on both sides', published: '0.985', generated: this.sameAccount / this.events },
      { fact: 'same computer on both sides', published: '0.54', generated: this.sameHost / this.events },
      {
        fact: 'pairs of computers never seen before, share of remote logons in the second half',
        published: '0.005 to 0.01',
        generated: this.remoteLate === 0 ? 0 : this.novelLate / this.remoteLate,
      },
    ];
  }
}
