import type { ReaderContext, RecordReader } from '../format.ts';
import { lineReader, type LineParser } from './lines.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const SPACE = 0x20;
const HEAD_BYTES = 64 * 1024;
const KEPT_TEXT = 800;

/** An object whose records stand in one list: only scalars may come before it. */
const WRAPPER =
  /^\s*\{(?:\s*"[^"\\]{0,100}"\s*:\s*(?:"[^"\\]{0,1000}"|[-+.\deE]{1,40}|true|false|null)\s*,)*\s*"(?:records|events)"\s*:\s*\[/i;
/** A list, or an object that is written over several lines: the first line has nothing but the brace. */
const DOCUMENT = /^\s*(?:\[|\{[ \t]*\r?\n)/;

/** How the records of a JSON file are laid out, by its beginning. */
export type JsonLayout = 'lines' | 'document' | 'wrapped';

/**
 * One object a line; or a document: a list of objects, one object or several written over lines; or an object with
 * the list `Records` or `events`, as collectors write it.
 */
export function jsonLayout(head: string): JsonLayout {
  const text = head.replace(/^\uFEFF/, '');
  if (WRAPPER.test(text)) return 'wrapped';
  return DOCUMENT.test(text) ? 'document' : 'lines';
}

/**
 * The record reader of a JSON format. `parse` gets the bytes of one object whatever the layout; in a document the
 * records are counted in the place of lines. An object of more than `maxLineBytes` becomes a reject, and so does one
 * that ends with the file; memory stays bounded by it.
 */
export function jsonReader(context: ReaderContext, parse: LineParser): RecordReader {
  let reader: RecordReader | null = null;
  let head: Buffer[] = [];
  let size = 0;
  function begin(): RecordReader {
    const bytes = Buffer.concat(head);
    head = [];
    const layout = jsonLayout(bytes.toString('utf8', 0, HEAD_BYTES));
    const begun =
      layout === 'lines' ? lineReader(context, parse) : new DocumentReader(context, parse, layout);
    begun.write(bytes);
    return begun;
  }
  return {
    write(chunk) {
      if (reader !== null) {
        reader.write(chunk);
        return;
      }
      // A copy: the stream may use its chunk again.
      head.push(Buffer.from(chunk));
      size += chunk.length;
      if (size >= HEAD_BYTES || layoutShows(head)) reader = begin();
    },
    end() {
      reader ??= begin();
      reader.end();
    },
  };
}

/** Whether the layout can be told already: a log that grows line by line is read from its first line on. */
function layoutShows(head: readonly Buffer[]): boolean {
  const text = Buffer.concat(head)
    .toString('utf8')
    .replace(/^[\uFEFF\s]+/, '');
  if (text.startsWith('[')) return true;
  const end = text.indexOf('\n');
  return end >= 0 && text.slice(0, end).trim() !== '{';
}

/** Finds the objects of a document in its bytes; strings and their escapes are the only syntax that is looked at. */
class DocumentReader implements RecordReader {
  readonly #context: ReaderContext;
  readonly #parse: LineParser;
  /** Braces that stand around the records: the wrapper's, which is not a record. */
  readonly #outer: number;
  #braces = 0;
  #inString = false;
  #escaped = false;
  #record = 0;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #tooLong = false;
  /** Lists that are open around the records. */
  #brackets = 0;
  /** Records stand here: between the top-level values of a document, or in the first list of a wrapper. */
  #inList: boolean;
  /** Something that is no object has been counted as a reject since the last comma or object. */
  #stray = false;
  #listSeen = false;

  constructor(context: ReaderContext, parse: LineParser, layout: 'document' | 'wrapped') {
    this.#context = context;
    this.#parse = parse;
    this.#outer = layout === 'wrapped' ? 1 : 0;
    this.#inList = layout === 'document';
  }

  write(chunk: Buffer): void {
    let start = this.#inRecord() ? 0 : -1;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
        continue;
      }
      if (this.#braces === this.#outer) {
        if (byte === OPEN_OBJECT && this.#inList) start = i;
        this.#between(byte);
      }
      if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_OBJECT) this.#braces++;
      else if (byte === CLOSE_OBJECT && this.#braces > 0) {
        this.#braces--;
        if (start >= 0 && this.#braces === this.#outer) {
          this.#keep(chunk.subarray(start, i + 1));
          this.#deliver();
          start = -1;
        }
      }
    }
    if (start >= 0) this.#keep(chunk.subarray(start));
  }

  end(): void {
    if (this.#braces === 0 && this.#brackets <= 0 && !this.#inString) return;
    this.#context.line();
    this.#context.reject(this.#record + 1, 'the document ends too early', textOf(Buffer.concat(this.#kept)));
  }

  #inRecord(): boolean {
    return this.#inList && this.#braces > this.#outer;
  }

  /** A byte that stands where records begin and end. */
  #between(byte: number): void {
    if (byte === OPEN_LIST) {
      this.#brackets++;
      if (this.#outer === 1 && !this.#listSeen) this.#inList = this.#listSeen = true;
    } else if (byte === CLOSE_LIST) {
      this.#brackets--;
      if (this.#outer === 1) this.#inList = false;
    } else if (byte === COMMA || byte === OPEN_OBJECT) this.#stray = false;
    else if (byte > SPACE && this.#inList && !this.#stray) {
      this.#stray = true;
      this.#record++;
      this.#context.line();
      this.#context.reject(this.#record, 'not a JSON object', String.fromCharCode(byte));
    }
  }

  #keep(piece: Buffer): void {
    if (this.#tooLong) return;
    if (this.#keptBytes + piece.length > this.#context.maxLineBytes) {
      this.#tooLong = true;
      this.#kept = [Buffer.concat([...this.#kept, piece.subarray(0, KEPT_TEXT)]).subarray(0, KEPT_TEXT)];
      return;
    }
    this.#kept.push(Buffer.from(piece));
    this.#keptBytes += piece.length;
  }

  #deliver(): void {
    const bytes = Buffer.concat(this.#kept);
    const reason = this.#tooLong ? `longer than ${this.#context.maxLineBytes} bytes` : null;
    this.#kept = [];
    this.#keptBytes = 0;
    this.#tooLong = false;
    this.#record++;
    this.#context.line();
    const problem = reason ?? this.#parse(bytes, 0, bytes.length, this.#record);
    if (problem !== null) this.#context.reject(this.#record, problem, textOf(bytes));
  }
}

function textOf(bytes: Buffer): string {
  return bytes.toString('utf8', 0, Math.min(bytes.length, KEPT_TEXT));
}
