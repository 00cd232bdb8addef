import { CryptoError } from './errors.ts';
import { SHARE_BITS, SHARE_PRIME } from './params.ts';

/**
 * Packs field elements, 17 bits each, least significant bit first, to whole bytes: 4,096 (an answer) to 8,704 bytes, 4,104
 * (a share) to 8,721.
 * @param elements a multiple of 8
 * @throws CryptoError VALUE_OUT_OF_RANGE for another length or an element not below 131071
 */
export function packField(elements: Uint32Array): Uint8Array {
  if (elements.length % 8 !== 0) throw outside('VALUE_OUT_OF_RANGE', 'eights of elements', elements.length);
  requireField(elements, 'VALUE_OUT_OF_RANGE');
  const bytes = new Uint8Array((elements.length * SHARE_BITS) / 8);
  let pending = 0;
  let bits = 0;
  let at = 0;
  for (const element of elements) {
    pending |= element << bits; // fewer than 8 bits wait, so 25 at most
    for (bits += SHARE_BITS; bits >= 8; bits -= 8) {
      bytes[at++] = pending;
      pending >>>= 8;
    }
  }
  return bytes;
}

/**
 * Inverse of `packField`.
 * @param count elements, a multiple of 8
 * @throws CryptoError ENCODING_INVALID for another length or an element of 131071 (which is 0 written twice)
 */
export function unpackField(bytes: Uint8Array, count: number): Uint32Array {
  const length = (count * SHARE_BITS) / 8;
  if (bytes.length !== length) throw outside('ENCODING_INVALID', `${length} packed bytes`, bytes.length);
  const elements = new Uint32Array(count);
  const byte = (at: number): number => bytes[at] ?? 0;
  // Eight elements are 17 bytes; element k begins in byte 2k, at bit k.
  for (let at = 0, i = 0; i < count; at += 17, i += 8) {
    elements[i] = byte(at) | (byte(at + 1) << 8) | ((byte(at + 2) & 1) << 16);
    elements[i + 1] = (byte(at + 2) >> 1) | (byte(at + 3) << 7) | ((byte(at + 4) & 3) << 15);
    elements[i + 2] = (byte(at + 4) >> 2) | (byte(at + 5) << 6) | ((byte(at + 6) & 7) << 14);
    elements[i + 3] = (byte(at + 6) >> 3) | (byte(at + 7) << 5) | ((byte(at + 8) & 15) << 13);
    elements[i + 4] = (byte(at + 8) >> 4) | (byte(at + 9) << 4) | ((byte(at + 10) & 31) << 12);
    elements[i + 5] = (byte(at + 10) >> 5) | (byte(at + 11) << 3) | ((byte(at + 12) & 63) << 11);
    elements[i + 6] = (byte(at + 12) >> 6) | (byte(at + 13) << 2) | ((byte(at + 14) & 127) << 10);
    elements[i + 7] = (byte(at + 14) >> 7) | (byte(at + 15) << 1) | (byte(at + 16) << 9);
  }
  requireField(elements, 'ENCODING_INVALID');
  return elements;
}

function requireField(elements: Uint32Array, code: 'VALUE_OUT_OF_RANGE' | 'ENCODING_INVALID'): void {
  let bad = 0;
  for (const v of elements) bad |= (v >>> SHARE_BITS) | ((v + 1) >>> SHARE_BITS); // no branch: shares are secret
  if (bad !== 0) throw outside(code, `field elements below ${SHARE_PRIME}`, 'a greater one');
}

function outside(
  code: 'VALUE_OUT_OF_RANGE' | 'ENCODING_INVALID',
  expected: string,
  got: string | number,
): CryptoError {
  return new CryptoError(code, { expected, got: String(got), next: 'refuse this share' });
}
