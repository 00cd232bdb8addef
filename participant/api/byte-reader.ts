import { CordonError } from '../../protocol/errors.ts';

/** Takes a stream of pieces of any size apart into runs of the lengths that the protocol has. */
export class ByteReader {
  private readonly pieces: AsyncIterator<Uint8Array>;
  private buffer = new Uint8Array(0);
  private piece: Uint8Array = new Uint8Array(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.pieces = pieces[Symbol.asyncIterator]();
  }

  /**
   * The next `length` bytes, there only until the next call.
   * @throws CordonError DIGEST_MISMATCH where the stream ends before; what the stream throws
   */
  async read(length: number): Promise<Uint8Array> {
    if (this.piece.length >= length) return this.take(length);
    if (this.buffer.length < length) this.buffer = new Uint8Array(length);
    const whole = this.buffer.subarray(0, length);
    for (let filled = 0; filled < length;) {
      if (this.piece.length === 0) {
        const next = await this.pieces.next();
        if (next.done === true) throw tooShort(length, filled);
        this.piece = next.value;
      }
      const part = this.take(Math.min(this.piece.length, length - filled));
      whole.set(part, filled);
      filled += part.length;
    }
    return whole;
  }

  /** Lets go of the stream, whether it is at its end or not. */
  async close(): Promise<void> {
    await this.pieces.return?.();
  }

  private take(length: number): Uint8Array {
    const part = this.piece.subarray(0, length);
    this.piece = this.piece.subarray(length);
    return part;
  }
}

function tooShort(expected: number, got: number): CordonError {
  return new CordonError('DIGEST_MISMATCH', {
    expected: `${expected} more bytes`,
    got: `${got}`,
    next: 'ask again; the answer was probably cut short',
  });
}
