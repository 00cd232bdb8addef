import type { ReaderContext, RecordReader } from '../format.ts';

const LF = 0x0a;
const CR = 0x0d;
const HEAD_BYTES = 200;

/** One line without its ending: bytes `start` to `end` of `buffer`. The buffer is only valid during the call. */
export type LineHandler = (buffer: Buffer, start: number, end: number, line: number) => void;

/**
 * Splits bytes into lines whatever the chunk boundaries are. LF and CRLF end a line; a byte order mark before the
 * first line is dropped; the last line needs no ending. A line of more than `maxBytes` is not kept: `onTooLong` gets
 * its first 200 bytes once it has ended, and memory stays bounded by `maxBytes`.
 */
export class LineSplitter implements RecordReader {
  private readonly onLine: LineHandler;
  private readonly onTooLong: (head: Buffer, line: number) => void;
  private readonly maxBytes: number;
  private carry: Buffer[] = [];
  private carried = 0;
  private overflow: Buffer | null = null;
  private line: number;

  /** @param linesBefore number of the line before the first */
  constructor(
    onLine: LineHandler,
    onTooLong: (head: Buffer, line: number) => void,
    maxBytes: number,
    linesBefore = 0,
  ) {
    this.line = linesBefore;
    this.onLine = onLine;
    this.onTooLong = onTooLong;
    this.maxBytes = maxBytes;
  }

  write(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(LF, start);
      if (newline < 0) break;
      if (this.carried === 0 && this.overflow === null) this.deliver(chunk, start, newline);
      else this.finishCarried(chunk.subarray(start, newline));
      start = newline + 1;
    }
    if (start < chunk.length) this.keep(chunk.subarray(start));
  }

  end(): void {
    if (this.carried > 0 || this.overflow !== null) this.finishCarried(Buffer.alloc(0));
  }

  private keep(piece: Buffer): void {
    if (this.overflow !== null) return;
    if (this.carried + piece.length > this.maxBytes) {
      this.overflow = Buffer.from(
        Buffer.concat([...this.carry, piece.subarray(0, HEAD_BYTES)]).subarray(0, HEAD_BYTES),
      );
      this.carry = [];
      this.carried = 0;
      return;
    }
    // A copy: the stream may use its chunk again, and a slice would hold all of it.
    this.carry.push(Buffer.from(piece));
    this.carried += piece.length;
  }

  private finishCarried(last: Buffer): void {
    if (this.overflow === null && this.carried + last.length > this.maxBytes) this.keep(last);
    if (this.overflow !== null) {
      const head = this.overflow;
      this.overflow = null;
      this.onTooLong(head, ++this.line);
      return;
    }
    this.carry.push(last);
    const whole = Buffer.concat(this.carry, this.carried + last.length);
    this.carry = [];
    this.carried = 0;
    this.deliver(whole, 0, whole.length);
  }

  private deliver(buffer: Buffer, start: number, end: number): void {
    const line = ++this.line;
    if (end - start > this.maxBytes) {
      this.onTooLong(buffer.subarray(start, Math.min(end, start + HEAD_BYTES)), line);
      return;
    }
    let from = start;
    if (line === 1 && buffer[from] === 0xef && buffer[from + 1] === 0xbb && buffer[from + 2] === 0xbf)
      from += 3;
    const to = end > from && buffer[end - 1] === CR ? end - 1 : end;
    this.onLine(buffer, from, to, line);
  }
}

/** Whether the bytes hold nothing but spaces and tabs. */
export function isBlank(buffer: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = buffer[i];
    if (byte !== 0x20 && byte !== 0x09) return false;
  }
  return true;
}

/** Whether a line is the header that some copies of a table have: its column names, in any case, quoted or not. */
export function isHeader(buffer: Buffer, start: number, end: number, names: readonly string[]): boolean {
  const first = buffer[start] ?? 0;
  // Most lines begin with a number, and need no closer look.
  if (first >= 0x30 && first <= 0x39) return false;
  const plain = (text: string): string => text.toLowerCase().replace(/[\s_"]/g, '');
  return plain(buffer.toString('utf8', start, Math.min(end, start + 8192))) === plain(names.join(','));
}

/**
 * Parses one non-blank line, reporting what it is to the context itself; returns null, or why the line is bad.
 */
export type LineParser = (buffer: Buffer, start: number, end: number, line: number) => string | null;

/** The record reader of a format with one record a line. Blank lines are counted and are not rejects. */
export function lineReader(context: ReaderContext, parse: LineParser): RecordReader {
  return new LineSplitter(
    (buffer, start, end, line) => {
      context.line();
      if (isBlank(buffer, start, end)) return;
      const reason = parse(buffer, start, end, line);
      if (reason !== null) {
        context.reject(line, reason, buffer.toString('utf8', start, Math.min(end, start + 4 * HEAD_BYTES)));
      }
    },
    (head, line) => {
      context.line();
      context.reject(line, `longer than ${context.maxLineBytes} bytes`, head.toString('utf8'));
    },
    context.maxLineBytes,
    context.linesBefore,
  );
}

/** Why a record is a reject that `JSON.parse` refuses. */
export function notJson(error: unknown): string {
  return `not JSON: ${error instanceof Error ? error.message : String(error)}`;
}
