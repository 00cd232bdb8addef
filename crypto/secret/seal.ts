import { createCipheriv, createSecretKey, encapsulate, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { CryptoError } from '../public/errors.ts';
import { X25519_BYTES } from '../public/pair-sizes.ts';
import { pairIndex } from '../public/pair-keys.ts';
import type { PublicPrimitives } from '../public/primitives.ts';
import type { Roster } from '../public/roster.ts';
import {
  BOX_KEY_BYTES,
  SEAL_OFFSETS,
  SEAL_OVERHEAD,
  SEAL_SALT,
  SEAL_TAG_BYTES,
  SEAL_VERSION,
  openSealed,
  sealInfo,
} from '../public/sealed-share.ts';
import type { SealPlace } from '../public/sealed-share.ts';
import { wipeableBytes } from '../public/wipeable.ts';
import { agreeX25519 } from './ephemeral-key.ts';
import type { EphemeralKey } from './ephemeral-key.ts';
import { importPublic, rawPublic } from './key-objects.ts';

/** A contributor's X25519 key of one contribution; all its shares are sealed from it, each to another pair. */
export class Sealer {
  readonly #primitives: PublicPrimitives;
  readonly #own: KeyObject;
  readonly #public: Uint8Array;

  constructor(primitives: PublicPrimitives) {
    this.#primitives = primitives;
    this.#own = generateKeyPairSync('x25519').privateKey;
    this.#public = rawPublic('x25519', this.#own);
  }

  /**
   * Seals one share to the pair that a committee member advertised for this contributor (already verified against the
   * transcript); layout in `crypto/public/sealed-share.ts`. The ML-KEM secret is fresh, so the nonce may come from the same
   * derivation as the key.
   * @throws CryptoError TRANSCRIPT_INVALID naming the recipient whose pair cannot be used
   */
  seal(place: SealPlace, share: Uint8Array): Uint8Array {
    const { recipient, pair } = place;
    const infoOf = (header: Uint8Array) => sealInfo(this.#primitives, place, header);
    const sealed = this.sealTo(pair, infoOf, share);
    if (sealed) return sealed;
    throw new CryptoError('TRANSCRIPT_INVALID', {
      expected: `usable X25519 and ML-KEM-768 keys of ${recipient.member}`,
      got: 'keys that no secret can be agreed with',
      next: `refuse the round; ${recipient.member} must advertise new keys`,
    });
  }

  /**
   * Seals anything to a pair in the layout of a sealed share.
   * @param infoOf what the seal is bound to, from its header; it must name the recipient and the purpose
   * @returns null where no secret can be agreed with the pair
   */
  sealTo(
    pair: Uint8Array,
    infoOf: (header: Uint8Array) => Uint8Array,
    content: Uint8Array,
  ): Uint8Array | null {
    const agreed = this.#agree(pair);
    if (agreed === null) return null;
    const { ciphertext, secret } = agreed;
    const sealed = new Uint8Array(content.length + SEAL_OVERHEAD);
    sealed[0] = SEAL_VERSION;
    sealed.set(this.#public, SEAL_OFFSETS.x25519);
    sealed.set(ciphertext, SEAL_OFFSETS.mlkem768);
    const info = infoOf(sealed.subarray(0, SEAL_OFFSETS.box));
    const okm = this.#primitives.hkdfSha256(secret, SEAL_SALT, info, BOX_KEY_BYTES);
    const key = createSecretKey(okm.subarray(0, 32));
    const cipher = createCipheriv('aes-256-gcm', key, okm.subarray(32), { authTagLength: SEAL_TAG_BYTES });
    sealed.set(cipher.update(content), SEAL_OFFSETS.box);
    cipher.final();
    sealed.set(cipher.getAuthTag(), SEAL_OFFSETS.box + content.length);
    for (const bytes of [secret, okm]) bytes.fill(0);
    return sealed;
  }

  #agree(pair: Uint8Array): { ciphertext: Uint8Array; secret: Uint8Array } | null {
    const first = agreeX25519(this.#own, pair.subarray(0, X25519_BYTES));
    if (first === null) return null;
    try {
      const { sharedKey, ciphertext } = encapsulate(importPublic('ml-kem-768', pair.subarray(X25519_BYTES)));
      const secret = wipeableBytes(first.length + sharedKey.length);
      secret.set(first);
      secret.set(sharedKey, first.length);
      sharedKey.fill(0);
      return { ciphertext, secret };
    } catch {
      return null;
    } finally {
      first.fill(0);
    }
  }
}

/**
 * Opens a share sealed to this member's pair for the contributor. The caller overwrites the share after use.
 * @param key bound to the transcript
 * @returns the share before sealing, or null where it does not open, whatever the cause
 * @throws CryptoError KEY_SPENT where it is the key that may not be used
 */
export function openShare(
  primitives: PublicPrimitives,
  key: EphemeralKey,
  roster: Roster,
  { transcriptHash, contributor }: Pick<SealPlace, 'transcriptHash' | 'contributor'>,
  sealed: Uint8Array,
): Uint8Array | null {
  const index = pairIndex(roster, contributor);
  const place = { recipient: key.public, pair: key.pair(index), transcriptHash, contributor };
  return openSealed(primitives, place, sealed, (x25519, mlkem768) =>
    key.agree(transcriptHash, index, x25519, mlkem768),
  );
}
