import { CordonError } from '../../../protocol/errors.ts';
import { DAY_SECONDS } from '../rhythm.ts';

/** Bits of `what` above the kind's number. */
export const SUCCESS = 32;
export const MALICIOUS = 64;
/** A remote logon over a pair of computers that the log has not shown before. */
export const NOVEL = 128;
const KIND_BITS = 31;

/** The number of the kind in `what`. */
export function kindOf(what: number): number {
  return what & KIND_BITS;
}

/** More events than this in a day of one organisation are refused: about 700 MB of columns. */
export const MOST_EVENTS = 2 ** 24;

/**
 * The events of one day of one organisation as columns: nothing is allocated an event. Seconds count from the day's
 * beginning. What happens after midnight is kept for the next day.
 */
export class DayBuffer {
  length = 0;
  private capacity = 1 << 14;
  second = new Int32Array(this.capacity);
  srcAccount = new Int32Array(this.capacity);
  dstAccount = new Int32Array(this.capacity);
  srcHost = new Int32Array(this.capacity);
  dstHost = new Int32Array(this.capacity);
  /** Number of the kind with `SUCCESS`, `MALICIOUS` and `NOVEL`. */
  what = new Uint8Array(this.capacity);
  private sorted = new Int32Array(0);
  private readonly starts = new Int32Array(DAY_SECONDS + 1);
  /** Six numbers an event of tomorrow. */
  private late: number[] = [];

  /** Forgets everything, what was kept for tomorrow too. */
  reset(): void {
    this.length = 0;
    this.late = [];
  }

  /** Empties the buffer and takes over what the day before left for this one. */
  nextDay(): void {
    this.length = 0;
    const late = this.late;
    this.late = [];
    for (let i = 0; i < late.length; i += 6) {
      const [second = 0, srcAccount = 0, dstAccount = 0, srcHost = 0, dstHost = 0, what = 0] = late.slice(i);
      this.add(second - DAY_SECONDS, srcAccount, dstAccount, srcHost, dstHost, what);
    }
  }

  /** @throws CordonError INTERNAL for more than MOST_EVENTS events; `checkOptions` refuses what would lead there */
  add(
    second: number,
    srcAccount: number,
    dstAccount: number,
    srcHost: number,
    dstHost: number,
    what: number,
  ): void {
    if (second >= DAY_SECONDS) {
      this.late.push(second, srcAccount, dstAccount, srcHost, dstHost, what);
      return;
    }
    const i = this.length;
    if (i === this.capacity) this.grow();
    this.length = i + 1;
    this.second[i] = second;
    this.srcAccount[i] = srcAccount;
    this.dstAccount[i] = dstAccount;
    this.srcHost[i] = srcHost;
    this.dstHost[i] = dstHost;
    this.what[i] = what;
  }

  /** Indices in order of seconds, valid until the next call; events of one second stay as they were added. */
  order(): Int32Array {
    const { length, second, starts } = this;
    if (this.sorted.length < length) this.sorted = new Int32Array(this.capacity);
    const sorted = this.sorted;
    starts.fill(0);
    for (let i = 0; i < length; i++) {
      const next = (second[i] ?? 0) + 1;
      starts[next] = (starts[next] ?? 0) + 1;
    }
    for (let s = 1; s <= DAY_SECONDS; s++) starts[s] = (starts[s] ?? 0) + (starts[s - 1] ?? 0);
    for (let i = 0; i < length; i++) {
      const s = second[i] ?? 0;
      const place = starts[s] ?? 0;
      starts[s] = place + 1;
      sorted[place] = i;
    }
    return sorted.subarray(0, length);
  }

  private grow(): void {
    if (this.capacity >= MOST_EVENTS) {
      throw new CordonError('INTERNAL', {
        expected: `at most ${MOST_EVENTS} events in a day of one organisation`,
        got: 'more',
        next: 'simulate fewer events a day, and report this with the options',
      });
    }
    this.capacity *= 2;
    const longer = (column: Int32Array): Int32Array<ArrayBuffer> => {
      const out = new Int32Array(this.capacity);
      out.set(column);
      return out;
    };
    this.second = longer(this.second);
    this.srcAccount = longer(this.srcAccount);
    this.dstAccount = longer(this.dstAccount);
    this.srcHost = longer(this.srcHost);
    this.dstHost = longer(this.dstHost);
    const what = new Uint8Array(this.capacity);
    what.set(this.what);
    this.what = what;
  }
}
