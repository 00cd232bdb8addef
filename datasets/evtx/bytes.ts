/** Bytes that are not what the format says: the record that holds them becomes a reject with this message. */
export class Damaged extends Error {
  override readonly name = 'Damaged';
}

/** Reads little-endian values from a stretch of a chunk; whatever would leave the stretch is `Damaged`. */
export class Cursor {
  readonly chunk: Buffer;
  at: number;
  readonly end: number;

  constructor(chunk: Buffer, start: number, end: number) {
    if (start < 0 || end < start || end > chunk.length) throw new Damaged('an offset outside the chunk');
    this.chunk = chunk;
    this.at = start;
    this.end = end;
  }

  u8(): number {
    return this.chunk.readUInt8(this.take(1));
  }

  u16(): number {
    return this.chunk.readUInt16LE(this.take(2));
  }

  u32(): number {
    return this.chunk.readUInt32LE(this.take(4));
  }

  utf16(characters: number): string {
    const start = this.take(2 * characters);
    return this.chunk.toString('utf16le', start, this.at);
  }

  /** Where the next `bytes` begin; they are behind the cursor afterwards. */
  take(bytes: number): number {
    const start = this.at;
    if (bytes > this.end - start) throw new Damaged('a record that ends too early');
    this.at = start + bytes;
    return start;
  }
}
