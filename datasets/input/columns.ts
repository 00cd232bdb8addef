import { HASH_SEED, hashStep, type ByteMap } from './byte-map.ts';

const COMMA = 0x2c;
const MAX_DIGITS = 15;
/** Seconds of more digits are no time, and their milliseconds no exact number. */
const MAX_SECONDS = 999_999_999_999;

/**
 * The columns of one line at a time of comma-separated text without quotes, with a fixed number of columns none of
 * which is empty. They stay bytes until asked for: no line is ever made into a string of its own.
 */
export class Columns {
  private readonly count: number;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly hashes: Int32Array;
  private buffer: Buffer = Buffer.alloc(0);

  constructor(count: number) {
    this.count = count;
    this.starts = new Int32Array(count);
    this.ends = new Int32Array(count);
    this.hashes = new Int32Array(count);
  }

  /** Finds the columns of a line; valid until the next call. Returns null, or why the line does not have them. */
  scan(buffer: Buffer, start: number, end: number): string | null {
    const { starts, ends, hashes } = this;
    const last = this.count - 1;
    let columns = 0;
    let hash = HASH_SEED;
    let fieldStart = start;
    for (let i = start; i < end; i++) {
      const byte = buffer[i] ?? 0;
      if (byte !== COMMA) {
        hash = hashStep(hash, byte);
        continue;
      }
      if (columns === last) return `more than ${this.count} columns`;
      if (i === fieldStart) return `column ${columns + 1} is empty`;
      starts[columns] = fieldStart;
      ends[columns] = i;
      hashes[columns++] = hash;
      hash = HASH_SEED;
      fieldStart = i + 1;
    }
    if (columns !== last) return `${columns + 1} columns where ${this.count} are needed`;
    if (fieldStart === end) return `column ${columns + 1} is empty`;
    starts[columns] = fieldStart;
    ends[columns] = end;
    hashes[columns] = hash;
    this.buffer = buffer;
    return null;
  }

  /** What `map` makes of column `index`. */
  of<T>(map: ByteMap<T>, index: number): T {
    return map.get(
      this.buffer,
      this.starts[index] ?? 0,
      this.ends[index] ?? 0,
      this.hashes[index] ?? HASH_SEED,
    );
  }

  /** Column `index` as a whole number of at most 15 digits that follow `skip` other bytes; -1 where it is none. */
  whole(index: number, skip = 0): number {
    const start = (this.starts[index] ?? 0) + skip;
    const end = this.ends[index] ?? 0;
    if (end <= start || end - start > MAX_DIGITS) return -1;
    let value = 0;
    for (let i = start; i < end; i++) {
      const digit = (this.buffer[i] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value;
  }

  /** Column `index`, whole seconds of at most twelve digits, in milliseconds; -1 where it is none. */
  milliseconds(index: number): number {
    const seconds = this.whole(index);
    return seconds < 0 || seconds > MAX_SECONDS ? -1 : seconds * 1000;
  }

  /** Whether column `index` begins with `text`, which is ASCII. */
  startsWith(index: number, text: string): boolean {
    const start = this.starts[index] ?? 0;
    if ((this.ends[index] ?? 0) - start < text.length) return false;
    for (let i = 0; i < text.length; i++) if (this.buffer[start + i] !== text.charCodeAt(i)) return false;
    return true;
  }
}
