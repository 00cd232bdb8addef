import { MLKEM768_CIPHERTEXT_BYTES, X25519_BYTES } from './ephemeral.ts';
import { SHARE_BYTES } from './params.ts';

/** Before sealing, a share is a byte for its kind and 32 bytes of seed, or 8,704 bytes of packed values. */
export const SEED_SHARE_BYTES = 1 + 32;
export const VECTOR_SHARE_BYTES = 1 + SHARE_BYTES;
export const SEAL_VERSION = 1;
export const SEAL_TAG_BYTES = 16;

/**
 * A sealed share on the wire:
 *
 *     offset  bytes  what
 *          0      1  version, 1
 *          1     32  X25519 public key made for this share
 *         33   1088  ML-KEM-768 ciphertext
 *       1121      n  share, AES-256-GCM (33 or 8,705 bytes)
 *     1121+n     16  GCM tag
 */
export const SEAL_OFFSETS = {
  x25519: 1,
  mlkem768: 1 + X25519_BYTES,
  box: 1 + X25519_BYTES + MLKEM768_CIPHERTEXT_BYTES,
} as const;

export const SEAL_OVERHEAD = SEAL_OFFSETS.box + SEAL_TAG_BYTES;
export const SEALED_SEED_BYTES = SEED_SHARE_BYTES + SEAL_OVERHEAD;
export const SEALED_VECTOR_BYTES = VECTOR_SHARE_BYTES + SEAL_OVERHEAD;

/**
 * Sizes that the sealed share at this position of a round's committee may have: the first t - 1 shares may be seeds,
 * the others follow from them and the secret, so they never are.
 * @param position 0-based, in the transcript's committee
 */
export function sealedSizes(position: number, threshold: number): readonly number[] {
  return position < threshold - 1 ? [SEALED_SEED_BYTES, SEALED_VECTOR_BYTES] : [SEALED_VECTOR_BYTES];
}
