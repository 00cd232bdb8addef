import { createHash } from 'node:crypto';

/** Arrays that a snapshot holds as they lie in memory. */
export type SnapshotArray = Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** Bytes of a SHA-256 digest, at the end of every snapshot. */
export const DIGEST_BYTES = 32;

/**
 * Puts the state of something together as bytes: a line `cordon KIND VERSION`, the values in the order of the calls, and the
 * SHA-256 of all that. Numbers are in the byte order of the machine, little-endian on everything that Node has
 * builds for today. `SnapshotReader` takes it apart again.
 */
export class SnapshotWriter {
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(kind: string, version: number) {
    this.#push(Buffer.from(`cordon ${kind} ${version}\n`));
  }

  number(value: number): void {
    this.#push(asBytes(Float64Array.of(value)));
  }

  /** A string of any content, lone surrogates included. */
  text(value: string): void {
    this.bytes(Buffer.from(value, 'utf16le'));
  }

  /** Length in bytes, then the content. It is not copied: it must not change before `finish`. */
  bytes(content: SnapshotArray): void {
    this.number(content.byteLength);
    this.#push(asBytes(content));
  }

  /** Everything so far with its digest. */
  finish(): Uint8Array {
    const whole = new Uint8Array(this.#bytes + DIGEST_BYTES);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    whole.set(createHash('sha256').update(whole.subarray(0, at)).digest(), at);
    return whole;
  }

  #push(part: Uint8Array): void {
    this.#parts.push(part);
    this.#bytes += part.length;
  }
}

function asBytes(content: SnapshotArray): Uint8Array {
  return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
}
