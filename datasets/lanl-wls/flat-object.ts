import { HASH_SEED, hashStep, type ByteStrings } from '../input/byte-strings.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const BLANK = 0x20;

/**
 * The wanted fields of one JSON object a line whose values are plain strings and numbers, found in the bytes. It takes
 * no more than a part of JSON: one object, strings without backslash or control characters, numbers of digits. `scan`
 * is false for all else, which is then for a parser to judge.
 */
export class FlatObject {
  private readonly slots = new Map<number, number>();
  private readonly names: readonly Buffer[];
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly hashes: Int32Array;
  private buffer: Buffer = Buffer.alloc(0);

  /** @param names of the wanted fields; the others are passed over */
  constructor(names: readonly string[]) {
    this.names = names.map((name) => Buffer.from(name));
    this.names.forEach((name, index) => this.slots.set(name.reduce(hashStep, HASH_SEED), index));
    this.starts = new Int32Array(names.length);
    this.ends = new Int32Array(names.length);
    this.hashes = new Int32Array(names.length);
  }

  /** Reads the object in bytes `start` to `end`; its fields are valid until the next call. */
  scan(buffer: Buffer, start: number, end: number): boolean {
    const { starts, ends, hashes } = this;
    this.buffer = buffer;
    starts.fill(-1);
    let at = start;
    if (buffer[at++] !== OPEN) return false;
    for (;;) {
      while (buffer[at] === BLANK) at++;
      if (buffer[at++] !== QUOTE) return false;
      const keyStart = at;
      let hash = HASH_SEED;
      for (; buffer[at] !== QUOTE; at++) {
        const byte = buffer[at] ?? 0;
        if (at >= end || byte === BACKSLASH || byte < BLANK) return false;
        hash = hashStep(hash, byte);
      }
      const slot = this.slotOf(hash, keyStart, at++);
      while (buffer[at] === BLANK) at++;
      if (buffer[at++] !== COLON) return false;
      while (buffer[at] === BLANK) at++;
      hash = HASH_SEED;
      let valueStart = at;
      let valueEnd: number;
      if (buffer[at] === QUOTE) {
        valueStart = ++at;
        for (; buffer[at] !== QUOTE; at++) {
          const byte = buffer[at] ?? 0;
          if (at >= end || byte === BACKSLASH || byte < BLANK) return false;
          hash = hashStep(hash, byte);
        }
        valueEnd = at++;
      } else {
        for (; isDigit(buffer[at]); at++) hash = hashStep(hash, buffer[at] ?? 0);
        valueEnd = at;
        // A number of JSON has a first digit, and 0 only before nothing else.
        if (valueEnd === valueStart || (buffer[valueStart] === 0x30 && valueEnd > valueStart + 1))
          return false;
      }
      if (slot >= 0) {
        starts[slot] = valueStart;
        ends[slot] = valueEnd;
        hashes[slot] = hash;
      }
      while (buffer[at] === BLANK) at++;
      const next = buffer[at++];
      if (next === COMMA) continue;
      return next === CLOSE && at === end;
    }
  }

  /** Takes the fields of an object that a parser has read; what is neither text nor a number is as if it were not there. */
  load(object: Readonly<Record<string, unknown>>): void {
    const values = this.names.map((name) => {
      const value = object[name.toString()];
      return typeof value === 'string' || typeof value === 'number' ? Buffer.from(String(value)) : null;
    });
    this.buffer = Buffer.concat(values.map((value) => value ?? Buffer.alloc(0)));
    let at = 0;
    values.forEach((value, index) => {
      this.starts[index] = value === null ? -1 : at;
      at += value?.length ?? 0;
      this.ends[index] = at;
      this.hashes[index] = value?.reduce(hashStep, HASH_SEED) ?? 0;
    });
  }

  /** Field `index` as one of `strings`; '' where the object does not have it. */
  text(strings: ByteStrings, index: number): string {
    const start = this.starts[index] ?? -1;
    if (start < 0) return '';
    return strings.get(this.buffer, start, this.ends[index] ?? 0, this.hashes[index] ?? 0);
  }

  /** Field `index` as a whole number of at most 15 digits, -1 where it is none. */
  whole(index: number): number {
    const start = this.starts[index] ?? -1;
    const end = this.ends[index] ?? 0;
    if (start < 0 || end === start || end - start > 15) return -1;
    let value = 0;
    for (let i = start; i < end; i++) {
      const byte = this.buffer[i];
      if (!isDigit(byte)) return -1;
      value = value * 10 + (byte ?? 0) - 0x30;
    }
    return value;
  }

  private slotOf(hash: number, start: number, end: number): number {
    const slot = this.slots.get(hash);
    if (slot === undefined) return -1;
    const name = this.names[slot];
    return name?.length === end - start && name.compare(this.buffer, start, end) === 0 ? slot : -1;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
