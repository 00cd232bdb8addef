import type { CordonError } from '../../protocol/errors.ts';

const LONGEST_VARINT = 8;

/** Numbers and strings one after another, small whole numbers in few bytes (LEB128, seven bits a byte). */
export class PackedWriter {
  #bytes = new Uint8Array(1 << 16);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** @param value whole, 0 to 2^53 - 1 */
  whole(value: number): void {
    this.#room(LONGEST_VARINT);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  float(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** A well-formed string: length of its UTF-8, then that. */
  text(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    this.whole(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const longer = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + bytes));
    longer.set(this.#bytes);
    this.#bytes = longer;
    this.#view = new DataView(longer.buffer);
  }
}

/** Takes apart what `PackedWriter` made. Every read is bounded; what is not as it was written is refused. */
export class PackedReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #invalid: (expected: string, got: string) => CordonError;
  #at = 0;

  /** @param invalid makes the error */
  constructor(bytes: Uint8Array, invalid: (expected: string, got: string) => CordonError) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#invalid = invalid;
  }

  /** A whole number from `least` to `most`. @param what names it in the error */
  whole(what: string, most: number, least = 0): number {
    let value = 0;
    let unit = 1;
    for (let i = 0; i < LONGEST_VARINT; i++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw this.#invalid(what, 'the end');
      value += (byte & 0x7f) * unit;
      unit *= 0x80;
      if (byte >= 0x80) continue;
      if (value >= least && value <= most) return value;
      break;
    }
    throw this.#invalid(`${what} from ${least} to ${most}`, String(value));
  }

  float(what: string): number {
    if (this.#at + 8 > this.#bytes.length) throw this.#invalid(what, 'the end');
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** @param most UTF-16 units */
  text(what: string, most: number): string {
    const length = this.whole(`length of ${what}`, 3 * most);
    if (this.#at + length > this.#bytes.length) throw this.#invalid(what, 'the end');
    const bytes = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, length);
    this.#at += length;
    const text = bytes.toString('utf8');
    if (text.length <= most) return text;
    throw this.#invalid(`${what} of at most ${most} characters`, String(text.length));
  }

  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw this.#invalid('nothing behind the last value', `${left} bytes`);
  }
}
