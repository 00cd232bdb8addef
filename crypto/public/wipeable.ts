/**
 * Zero bytes for a secret, to be overwritten after use. V8 keeps the bytes of arrays of up to 64 bytes among its objects,
 * which it moves, and moves them out when their buffer is asked for, as Node's cryptography does: `fill(0)` then reaches
 * one copy of several. Bytes of a buffer made beforehand never lie there, whatever their number.
 * @param length bytes
 */
export function wipeableBytes(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(length));
}
