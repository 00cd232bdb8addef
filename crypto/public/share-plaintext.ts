import { CryptoError } from './errors.ts';
import { sampleElements } from './kernels/share.ts';
import { SHARE_BYTES, SHARE_ELEMENTS } from './params.ts';
import type { PublicPrimitives } from './primitives.ts';
import { unpackField } from './share-packing.ts';

/** First byte of a share's plaintext: what follows it. */
export const KIND_SEED = 1; // 32 bytes, expanded by `expandSeed`
export const KIND_VECTOR = 2; // 8,721 bytes, 17 bits an element
export const SHARE_SEED_BYTES = 32;

/**
 * A share as its recipient uses it: 4,104 elements of F_131071, the last 8 of them masks. The caller overwrites it.
 * @param plaintext kind byte, then seed or packed elements
 * @param out written over, where one is at hand
 * @throws CryptoError SHARE_INVALID for another kind or length, or an element outside the field
 */
export function expandShare(
  primitives: PublicPrimitives,
  plaintext: Uint8Array,
  out: Uint32Array = new Uint32Array(SHARE_ELEMENTS),
): Uint32Array {
  const kind = plaintext[0];
  const body = plaintext.subarray(1);
  if (kind === KIND_SEED && body.length === SHARE_SEED_BYTES) {
    return expandSeed(primitives, body, out);
  }
  if (kind === KIND_VECTOR && body.length === SHARE_BYTES) {
    try {
      return unpackField(body, SHARE_ELEMENTS, out);
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      throw shareInvalid(error.got);
    }
  }
  throw shareInvalid(`kind ${kind ?? 'none'} with ${body.length} bytes`);
}

/**
 * Uniform field elements of a seed: AES-256-CTR under it from a zero block, little-endian 32-bit words, lower 17 bits,
 * kept where below 131071, until `out` is full (at most 4,104). That a word was rejected depends on words that are then not
 * used, so the branch tells nothing.
 */
export function expandSeed(primitives: PublicPrimitives, seed: Uint8Array, out: Uint32Array): Uint32Array {
  const stream = primitives.keyStream(seed);
  const fill = (bytes: Uint8Array): void => stream(new Uint8Array(16), bytes);
  for (let words = out.length + 16; !sampleElements(words, fill, out); words += 16);
  return out;
}

function shareInvalid(got: string): CryptoError {
  return new CryptoError('SHARE_INVALID', {
    expected: `a kind byte and a seed of 32 bytes or a packed vector of ${SHARE_BYTES} bytes in the field`,
    got,
    next: 'complain about this contributor',
  });
}
