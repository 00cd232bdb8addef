import { canonicalBytes, utf8 } from './canonical.ts';
import { toHex } from './encoding.ts';
import type { EphemeralPublic } from './ephemeral.ts';
import { MLKEM768_CIPHERTEXT_BYTES, X25519_BYTES } from './pair-sizes.ts';
import { SHARE_BYTES } from './params.ts';
import type { PublicPrimitives } from './primitives.ts';

/** Before sealing, a share is a byte for its kind and 32 bytes of seed, or 8,721 bytes of packed values. */
export const SEED_SHARE_BYTES = 1 + 32;
export const VECTOR_SHARE_BYTES = 1 + SHARE_BYTES;
export const SEAL_VERSION = 1;
export const SEAL_TAG_BYTES = 16;

/**
 * A sealed share on the wire:
 *
 *     offset  bytes  what
 *          0      1  version, 1
 *          1     32  X25519 public key made for this contribution
 *         33   1088  ML-KEM-768 ciphertext
 *       1121      n  share, AES-256-GCM (33 or 8,722 bytes)
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

/** What a seal is bound to; it opens for nobody else and in no other round. */
export interface SealPlace {
  readonly recipient: EphemeralPublic;
  /** The recipient's pair for this contributor, 1,216 bytes. */
  readonly pair: Uint8Array;
  readonly transcriptHash: string;
  /** Member id of the one whose share it is. */
  readonly contributor: string;
}

/** Key (32 bytes) and nonce (12) of the box, one after the other. */
export const BOX_KEY_BYTES = 44;
export const SEAL_SALT = utf8('cordon/v1/seal');

/**
 * Info of the HKDF-SHA256 that gives the box its key and nonce from the X25519 secret and the ML-KEM secret, in that order:
 * a hash of all that is public. Either secret alone hides the share; the hash keeps the two from being recombined with
 * other messages, and the share from opening for another recipient, round or contributor.
 * @param header of the sealed share: version, X25519 public key, ML-KEM-768 ciphertext
 */
export function sealInfo(primitives: PublicPrimitives, place: SealPlace, header: Uint8Array): Uint8Array {
  const { signature: _, ...seat } = place.recipient;
  return primitives.sha256(
    canonicalBytes('cordon/v1/seal', {
      recipient: seat,
      pair: toHex(primitives.sha256(place.pair)),
      transcriptHash: place.transcriptHash,
      contributor: place.contributor,
      header: toHex(primitives.sha256(header)),
    }),
  );
}

/**
 * Opens a sealed share; whoever calls overwrites what it gets.
 * @param agree gives X25519 || ML-KEM secret of the header, 64 bytes, or null where none can be agreed; it is overwritten
 * @returns the share before sealing, or null where it does not open
 */
export function openSealed(
  primitives: PublicPrimitives,
  place: SealPlace,
  sealed: Uint8Array,
  agree: Agree,
): Uint8Array | null {
  return openBox(primitives, (header) => sealInfo(primitives, place, header), sealed, agree);
}

/** X25519 || ML-KEM secret, 64 bytes, or null where none can be agreed. */
export type Agree = (x25519: Uint8Array, mlkem768: Uint8Array) => Uint8Array | null;

/**
 * `openSealed` for whatever was sealed in this layout.
 * @param infoOf what the seal is bound to, from the header
 */
export function openBox(
  primitives: PublicPrimitives,
  infoOf: (header: Uint8Array) => Uint8Array,
  sealed: Uint8Array,
  agree: Agree,
): Uint8Array | null {
  if (sealed.length <= SEAL_OVERHEAD || sealed[0] !== SEAL_VERSION) return null;
  const { x25519, mlkem768, box } = SEAL_OFFSETS;
  const secret = agree(sealed.subarray(x25519, mlkem768), sealed.subarray(mlkem768, box));
  if (secret === null) return null;
  const okm = primitives.hkdfSha256(secret, SEAL_SALT, infoOf(sealed.subarray(0, box)), BOX_KEY_BYTES);
  secret.fill(0);
  const tagAt = sealed.length - SEAL_TAG_BYTES;
  const share = primitives.openAes256Gcm(
    okm.subarray(0, 32),
    okm.subarray(32),
    sealed.subarray(box, tagAt),
    sealed.subarray(tagAt),
  );
  okm.fill(0);
  return share;
}
