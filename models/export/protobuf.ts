/** The wire format of Protocol Buffers, as much of it as is written here (protobuf.dev/programming-guides/encoding). */

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** A message as it is put together, field after field; large contents are not copied. */
export class ProtobufMessage {
  readonly pieces: Uint8Array[] = [];
  length = 0;

  /** A whole number from 0 on, up to 2^53. */
  int(field: number, value: number): this {
    this.#push(Uint8Array.from([...varint(field * 8 + VARINT), ...varint(value)]));
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, content: Uint8Array): this {
    this.#begin(field, content.length);
    this.#push(content);
    return this;
  }

  /** Another message as a field; it is not to be added to any more. */
  message(field: number, { pieces, length }: ProtobufMessage): this {
    this.#begin(field, length);
    for (const piece of pieces) this.#push(piece);
    return this;
  }

  #begin(field: number, length: number): void {
    this.#push(Uint8Array.from([...varint(field * 8 + LENGTH_DELIMITED), ...varint(length)]));
  }

  #push(piece: Uint8Array): void {
    this.pieces.push(piece);
    this.length += piece.length;
  }
}

/** Seven bits a byte, the lowest first, the eighth where more follow. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}
