import { CryptoError } from './errors.ts';
import { unpackElements } from './kernels/share.ts';
import { SHARE_BITS, SHARE_PRIME } from './params.ts';

/**
 * Packs field elements, 17 bits each, least significant bit first, to whole bytes: 4,096 (an answer) to 8,704 bytes, 4,104
 * (a share) to 8,721.
 * @param elements a multiple of 8
 * @throws CryptoError VALUE_OUT_OF_RANGE for another length or an element not below 131071
 */
export function packField(elements: Uint32Array): Uint8Array {
  if (elements.length % 8 !== 0) throw outside('VALUE_OUT_OF_RANGE', 'eights of elements', elements.length);
  requireField(elements);
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
 * @param count elements, a multiple of 8, at most 4,104
 * @param elements written over, where as many are at hand
 * @throws CryptoError ENCODING_INVALID for another length or an element of 131071 (which is 0 written twice)
 */
export function unpackField(
  bytes: Uint8Array,
  count: number,
  elements: Uint32Array = new Uint32Array(count),
): Uint32Array {
  const length = (count * SHARE_BITS) / 8;
  if (bytes.length !== length) throw outside('ENCODING_INVALID', `${length} packed bytes`, bytes.length);
  if (!unpackElements(bytes, elements)) {
    throw outside('ENCODING_INVALID', `field elements below ${SHARE_PRIME}`, 'a greater one');
  }
  return elements;
}

function requireField(elements: Uint32Array): void {
  let bad = 0;
  for (const v of elements) bad |= (v >>> SHARE_BITS) | ((v + 1) >>> SHARE_BITS); // no branch: shares are secret
  if (bad !== 0) throw outside('VALUE_OUT_OF_RANGE', `field elements below ${SHARE_PRIME}`, 'a greater one');
}

function outside(
  code: 'VALUE_OUT_OF_RANGE' | 'ENCODING_INVALID',
  expected: string,
  got: string | number,
): CryptoError {
  return new CryptoError(code, { expected, got: String(got), next: 'refuse this share' });
}
