import { createCipheriv, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** Encrypted to have the key stream itself. Never written. */
const ZEROS = new Uint8Array(65536);

/**
 * AES-256-CTR key streams (NIST SP 800-38A) of one secret seed. What passes through JavaScript's memory is overwritten.
 * OpenSSL's copies of the key are cleansed when the garbage collector frees them, and the library's own buffers are
 * freed as they are.
 */
export class SecretStream {
  #key: KeyObject | null;

  /** @param seed 32 bytes, copied; the caller wipes them */
  constructor(seed: Uint8Array) {
    this.#key = createSecretKey(seed);
  }

  /**
   * Writes the stream that starts with the counter block `start` (16 bytes) over the whole of `out`; the caller wipes it.
   * @throws TypeError after `erase`
   */
  write(start: Uint8Array, out: Uint8Array): void {
    if (this.#key === null) throw new TypeError('the seed of this stream was erased');
    const cipher = createCipheriv('aes-256-ctr', this.#key, start);
    for (let at = 0; at < out.length; at += ZEROS.length) {
      const piece = cipher.update(ZEROS.subarray(0, out.length - at));
      out.set(piece, at);
      piece.fill(0);
      // Given back now, not at some collection: fresh pages for every piece cost more than AES does.
      if (piece.buffer instanceof ArrayBuffer) piece.buffer.transfer(0);
    }
  }

  /** Forgets the seed. */
  erase(): void {
    this.#key = null;
  }
}
