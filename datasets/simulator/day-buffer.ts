import { CordonError } from '../../protocol/errors.ts';

/** Flag in `what`; kinds and success are below it. */
export const MALICIOUS = 64;

/** More than this many events of one day cannot be put in order; seconds of 1000 days times it are exact in a float64. */
export const MOST_EVENTS = 2 ** 24;

/** The events of one day as columns: nothing is allocated an event. Times are seconds since the start. */
export class DayBuffer {
  length = 0;
  private capacity = 1 << 16;
  time = new Float64Array(this.capacity);
  srcAccount = new Int32Array(this.capacity);
  dstAccount = new Int32Array(this.capacity);
  srcHost = new Int32Array(this.capacity);
  dstHost = new Int32Array(this.capacity);
  /** Kind number times two, plus one for success, plus `MALICIOUS` for an intruder's event. */
  what = new Int32Array(this.capacity);

  clear(): void {
    this.length = 0;
  }

  add(
    time: number,
    srcAccount: number,
    dstAccount: number,
    srcHost: number,
    dstHost: number,
    kind: number,
    success: boolean,
    malicious = false,
  ): void {
    if (this.length === this.capacity) this.grow();
    const i = this.length++;
    this.time[i] = time;
    this.srcAccount[i] = srcAccount;
    this.dstAccount[i] = dstAccount;
    this.srcHost[i] = srcHost;
    this.dstHost[i] = dstHost;
    this.what[i] = kind * 2 + (success ? 1 : 0) + (malicious ? MALICIOUS : 0);
  }

  /**
   * Indices in order of whole seconds; events of the same second stay in the order in which they were added.
   * @throws CordonError INTERNAL for more than MOST_EVENTS events; `checkOptions` refuses what would lead there
   */
  order(): Int32Array {
    if (this.length > MOST_EVENTS) {
      throw new CordonError('INTERNAL', {
        expected: `at most ${MOST_EVENTS} events a day`,
        got: String(this.length),
        next: 'simulate fewer events a day, and report this with the options',
      });
    }
    const keys = new Float64Array(this.length);
    for (let i = 0; i < this.length; i++) keys[i] = Math.floor(this.time[i] ?? 0) * MOST_EVENTS + i;
    keys.sort();
    const order = new Int32Array(this.length);
    for (let i = 0; i < this.length; i++) order[i] = (keys[i] ?? 0) % MOST_EVENTS;
    return order;
  }

  private grow(): void {
    this.capacity *= 2;
    const longer = (column: Int32Array): Int32Array<ArrayBuffer> => {
      const out = new Int32Array(this.capacity);
      out.set(column);
      return out;
    };
    const time = new Float64Array(this.capacity);
    time.set(this.time);
    this.time = time;
    this.srcAccount = longer(this.srcAccount);
    this.dstAccount = longer(this.dstAccount);
    this.srcHost = longer(this.srcHost);
    this.dstHost = longer(this.dstHost);
    this.what = longer(this.what);
  }
}
