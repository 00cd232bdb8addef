import { CryptoError } from './errors.ts';
import { SHARE_BYTES, SHARE_ELEMENTS, SHARE_PRIME } from './params.ts';
import type { PublicPrimitives } from './primitives.ts';
import { unpackField } from './share-packing.ts';

/** First byte of a share's plaintext: what follows it. */
export const KIND_SEED = 1; // 32 bytes, expanded by `expandSeed`
export const KIND_VECTOR = 2; // 8,721 bytes, 17 bits an element
export const SHARE_SEED_BYTES = 32;

/**
 * A share as its recipient uses it: 4,104 elements of F_131071, the last 8 of them masks. The caller overwrites it.
 * @param plaintext kind byte, then seed or packed elements
 * @throws CryptoError SHARE_INVALID for another kind or length, or an element outside the field
 */
export function expandShare(primitives: PublicPrimitives, plaintext: Uint8Array): Uint32Array {
  const kind = plaintext[0];
  const body = plaintext.subarray(1);
  if (kind === KIND_SEED && body.length === SHARE_SEED_BYTES) {
    return expandSeed(primitives, body, SHARE_ELEMENTS);
  }
  if (kind === KIND_VECTOR && body.length === SHARE_BYTES) {
    try {
      return unpackField(body, SHARE_ELEMENTS);
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      throw shareInvalid(error.got);
    }
  }
  throw shareInvalid(`kind ${kind ?? 'none'} with ${body.length} bytes`);
}

/**
 * Uniform field elements of a seed: AES-256-CTR under it from a zero block, little-endian 32-bit words, lower 17 bits,
 * kept where below 131071. That a word was rejected depends on words that are then not used, so the branch tells nothing.
 */
export function expandSeed(primitives: PublicPrimitives, seed: Uint8Array, count: number): Uint32Array {
  const out = new Uint32Array(count);
  for (let words = count + 16; ; words += 16) {
    const stream = primitives.aes256ctr(seed, new Uint8Array(16), words * 4);
    let found = 0;
    for (let at = 0; at < 4 * words && found < count; at += 4) {
      const low = (stream[at] ?? 0) | ((stream[at + 1] ?? 0) << 8) | ((stream[at + 2] ?? 0) << 16);
      const element = low & SHARE_PRIME;
      if (element !== SHARE_PRIME) out[found++] = element;
    }
    stream.fill(0);
    // Given back now: left to the garbage collector a thousand of them pile up.
    const { buffer } = stream;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === stream.length) buffer.transfer(0);
    if (found === count) return out;
  }
}

function shareInvalid(got: string): CryptoError {
  return new CryptoError('SHARE_INVALID', {
    expected: `a kind byte and a seed of 32 bytes or a packed vector of ${SHARE_BYTES} bytes in the field`,
    got,
    next: 'complain about this contributor',
  });
}
