import { createHash } from 'node:crypto';
import { CordonError } from '../../protocol/errors.ts';
import { DIGEST_BYTES } from './snapshot-writer.ts';

/** Takes a snapshot apart, value by value in the order in which `SnapshotWriter` got them. */
export class SnapshotReader {
  readonly #kind: string;
  readonly #body: Uint8Array;
  #at: number;

  /** @throws CordonError ENCODING_INVALID where it is of another kind or version, cut off, or changed */
  constructor(snapshot: Uint8Array, kind: string, version: number) {
    this.#kind = kind;
    const head = Buffer.from(`cordon ${kind} ${version}\n`);
    const found = snapshot.subarray(0, head.length);
    if (head.compare(found) !== 0) {
      throw this.invalid(`a snapshot that begins with "cordon ${kind} ${version}"`, beginning(found));
    }
    const end = snapshot.length - DIGEST_BYTES;
    this.#body = snapshot.subarray(0, Math.max(0, end));
    this.#at = head.length;
    if (end < head.length) throw this.invalid('a whole snapshot', `${snapshot.length} bytes`);
    const digest = createHash('sha256').update(this.#body).digest();
    if (digest.compare(snapshot.subarray(end)) !== 0) {
      throw this.invalid('bytes with the digest at their end', 'bytes with another digest');
    }
  }

  number(): number {
    return new Float64Array(this.#take(8))[0] ?? 0;
  }

  /** @throws CordonError ENCODING_INVALID unless it is a whole number of `least` to `most` */
  whole(what: string, most: number, least = 0): number {
    const value = this.number();
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw this.invalid(`${what} from ${least} to ${most}`, String(value));
  }

  /** @param most code units */
  text(what: string, most: number): string {
    const bytes = this.bytes(what, 2 * most);
    if (bytes.byteLength % 2 === 0) return Buffer.from(bytes).toString('utf16le');
    throw this.invalid(`${what} in two bytes each`, `${bytes.byteLength} bytes`);
  }

  /** The content of an array, at the beginning of a buffer of its own. @param most bytes */
  bytes(what: string, most: number): ArrayBuffer {
    return this.#take(this.whole(`bytes of ${what}`, most));
  }

  /** The same where only one length is right. @param size bytes */
  exactly(what: string, size: number): ArrayBuffer {
    return this.#take(this.whole(`bytes of ${what}`, size, size));
  }

  /** @throws CordonError ENCODING_INVALID where something is left */
  end(): void {
    const left = this.#body.length - this.#at;
    if (left > 0) throw this.invalid('nothing behind the last value', `${left} bytes`);
  }

  /** For an owner that finds values which cannot be. */
  invalid(expected: string, got: string): CordonError {
    return new CordonError('ENCODING_INVALID', {
      expected: `${this.#kind}: ${expected}`,
      got,
      next: 'remove the snapshot: the state is then built again from the logs',
    });
  }

  #take(size: number): ArrayBuffer {
    const end = this.#at + size;
    if (end > this.#body.length) {
      throw this.invalid(`${size} more bytes`, `${this.#body.length - this.#at} bytes`);
    }
    const taken = new Uint8Array(this.#body.subarray(this.#at, end)).buffer;
    this.#at = end;
    return taken;
  }
}

function beginning(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString('latin1'));
}
