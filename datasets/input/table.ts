import { HASH_SEED, hashStep, type ByteMap } from './byte-map.ts';

const COMMA = 0x2c;
const QUOTE = 0x22;
const BLANK = 0x20;

/**
 * The columns of one row at a time of a table with many columns of which few are read: comma-separated, quoted where
 * the writer chose to (RFC 4180, without line breaks inside a column), perhaps with blanks around.
 */
export class TableRow {
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  /** Columns with doubled quotes inside. */
  private readonly doubled = new Set<number>();
  private buffer: Buffer = Buffer.alloc(0);
  /** Columns of the row. */
  readonly width: number;

  constructor(width: number) {
    this.width = width;
    this.starts = new Int32Array(width);
    this.ends = new Int32Array(width);
  }

  /** Finds the columns of a line; valid until the next call. Returns null, or why the line does not have them. */
  scan(buffer: Buffer, start: number, end: number): string | null {
    this.buffer = buffer;
    if (this.doubled.size > 0) this.doubled.clear();
    let column = 0;
    let at = start;
    for (;;) {
      if (column === this.width) return `more than ${this.width} columns`;
      if (buffer[at] === QUOTE) {
        const close = this.closingQuote(at + 1, end, column);
        if (close < 0) return `column ${column + 1} has a quote that is not closed`;
        this.starts[column] = at + 1;
        this.ends[column++] = close;
        at = close + 1;
        if (at < end && buffer[at] !== COMMA) return `column ${column} goes on after its quotes`;
      } else {
        this.starts[column] = at;
        while (at < end && buffer[at] !== COMMA) at++;
        this.ends[column++] = at;
      }
      if (at >= end) break;
      at++;
    }
    return column === this.width ? null : `${column} columns where ${this.width} are needed`;
  }

  private closingQuote(from: number, end: number, column: number): number {
    for (let at = from; at < end; at++) {
      if (this.buffer[at] !== QUOTE) continue;
      if (at + 1 >= end || this.buffer[at + 1] !== QUOTE) return at;
      this.doubled.add(column);
      at++;
    }
    return -1;
  }

  /** Column `index` without blanks around; bytes that are no UTF-8 become U+FFFD. */
  text(index: number): string {
    const text = this.buffer.toString('utf8', this.starts[index] ?? 0, this.ends[index] ?? 0).trim();
    return this.doubled.has(index) ? text.replaceAll('""', '"') : text;
  }

  /** What `map` makes of column `index` without the blanks around it. */
  of<T>(map: ByteMap<T>, index: number): T {
    let start = this.starts[index] ?? 0;
    let end = this.ends[index] ?? 0;
    while (start < end && this.buffer[start] === BLANK) start++;
    while (end > start && this.buffer[end - 1] === BLANK) end--;
    let hash = HASH_SEED;
    for (let at = start; at < end; at++) hash = hashStep(hash, this.buffer[at] ?? 0);
    return map.get(this.buffer, start, end, hash);
  }

  /** Whether no column has anything in it. */
  empty(): boolean {
    for (let column = 0; column < this.width; column++) {
      for (let at = this.starts[column] ?? 0; at < (this.ends[column] ?? 0); at++) {
        if (this.buffer[at] !== BLANK) return false;
      }
    }
    return true;
  }

  /**
   * Column `index` as a number: null where the table has none (nothing, `-`, NaN, an infinity), NaN where it is no
   * number at all or too large to be exact.
   */
  number(index: number): number | null {
    const start = this.starts[index] ?? 0;
    const end = this.ends[index] ?? 0;
    let value = 0;
    let at = start;
    for (; at < end && at - start < 15; at++) {
      const digit = (this.buffer[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === end && end > start) return value;
    const text = this.text(index).toLowerCase();
    if (/^(?:|-|nan|[+-]?inf(?:inity)?)$/.test(text)) return null;
    if (!/^[+-]?\d+(?:\.\d*)?(?:e[+-]?\d{1,3})?$/.test(text)) return NaN;
    const number = Number(text);
    return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : NaN;
  }
}

/** The names of a header line: without quotes and blanks around, in lower case. */
export function headerNames(line: string): string[] {
  return line
    .replace(/^\uFEFF/, '')
    .split(',')
    .map((name) =>
      name
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .trim()
        .toLowerCase(),
    );
}
