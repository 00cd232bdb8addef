import { KIND_TEXTS } from '../kinds.ts';
import { type DayBuffer, SUCCESS } from './day-buffer.ts';
import { NameWords } from './name-words.ts';

/** Bytes that are handed on at once. */
const CHUNK = 1 << 18;
/** Digits and comma of a time, with room for whole words. */
const TIME_BYTES = 12;

const ENDINGS = new NameWords(KIND_TEXTS.flatMap((kind) => [`${kind},Fail`, `${kind},Success`]));
const COMMA = 0x2c;
const ZERO = 0x30;
const LF = 0x0a;

/** Makes the rows of a LANL log out of a day's columns, as bytes. */
export class RowWriter {
  private readonly accounts: NameWords;
  private readonly hosts: NameWords;
  private readonly most: number;
  /** The time of the present second and its length: many rows share it. */
  private readonly time = new DataView(new ArrayBuffer(TIME_BYTES));
  private timeLength = 0;

  constructor(accounts: readonly string[], hosts: readonly string[]) {
    this.accounts = new NameWords(accounts);
    this.hosts = new NameWords(hosts);
    this.most = TIME_BYTES + 2 * this.accounts.longest + 2 * this.hosts.longest + ENDINGS.longest;
  }

  /** Chunks of whole rows in order of time; `start` is the day's first second. The caller may keep them. */
  *rows(day: DayBuffer, start: number): Generator<Buffer> {
    const order = day.order();
    let from = 0;
    while (from < order.length) {
      const chunk = Buffer.allocUnsafeSlow(CHUNK);
      const { place, bytes } = this.fill(chunk, day, order, from, start);
      yield chunk.subarray(0, bytes);
      from = place;
    }
  }

  /** Writes rows from `from` on until the chunk is full; returns the first that is not in it. */
  private fill(
    chunk: Buffer,
    { second, srcAccount, dstAccount, srcHost, dstHost, what }: DayBuffer,
    order: Int32Array,
    from: number,
    start: number,
  ): { place: number; bytes: number } {
    const { accounts, hosts, time } = this;
    const out = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    const room = chunk.length - this.most;
    let shown = -1;
    let at = 0;
    let place = from;
    for (; place < order.length && at <= room; place++) {
      const i = order[place] ?? 0;
      const now = second[i] ?? 0;
      if (now !== shown) {
        shown = now;
        this.setTime(start + now);
      }
      for (let j = 0; j < TIME_BYTES; j += 4) out.setInt32(at + j, time.getInt32(j));
      at = accounts.write(out, at + this.timeLength, srcAccount[i] ?? 0);
      at = accounts.write(out, at, dstAccount[i] ?? 0);
      at = hosts.write(out, at, srcHost[i] ?? 0);
      at = hosts.write(out, at, dstHost[i] ?? 0);
      const w = what[i] ?? 0;
      at = ENDINGS.write(out, at, (w & (SUCCESS - 1)) * 2 + ((w & SUCCESS) === 0 ? 0 : 1));
      out.setUint8(at - 1, LF);
    }
    return { place, bytes: at };
  }

  /** Sets the digits and the comma behind them. @param seconds below 2^31 */
  private setTime(seconds: number): void {
    let digits = 1;
    for (let rest = seconds; rest >= 10; rest = (rest / 10) | 0) digits++;
    let rest = seconds;
    for (let j = digits - 1; j >= 0; j--) {
      const quotient = (rest / 10) | 0;
      this.time.setUint8(j, ZERO + (rest - quotient * 10));
      rest = quotient;
    }
    this.time.setUint8(digits, COMMA);
    this.timeLength = digits + 1;
  }
}
