import { createCipheriv, createDecipheriv, encapsulate, generateKeyPairSync, hkdfSync } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import { canonicalBytes, utf8 } from '../public/canonical.ts';
import { fromBase64Url, toBase64Url } from '../public/encoding.ts';
import { MLKEM768_PUBLIC_BYTES, X25519_BYTES } from '../public/ephemeral.ts';
import type { EphemeralPublic } from '../public/ephemeral.ts';
import { CryptoError } from '../public/errors.ts';
import type { PublicPrimitives } from '../public/primitives.ts';
import { SEAL_OFFSETS, SEAL_OVERHEAD, SEAL_TAG_BYTES, SEAL_VERSION } from '../public/sealed-share.ts';
import { fromSpki } from '../public/spki.ts';
import { importPublic, x25519 } from './ephemeral-key.ts';
import type { EphemeralKey } from './ephemeral-key.ts';

/** What a seal is bound to; it opens for nobody else and in no other round. */
export interface SealContext {
  readonly recipient: EphemeralPublic;
  readonly transcriptHash: string;
  /** Member id of the one whose share it is. */
  readonly contributor: string;
}

interface BoxKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/**
 * HKDF-SHA256 (RFC 5869) of the X25519 secret and the ML-KEM secret, in that order. Its info is the hash of all that is
 * public: both keys of the recipient, its seat, the sender's X25519 key, the ML-KEM ciphertext, transcript and
 * contributor. Either secret alone hides the share; the hash keeps the two from being recombined with other messages.
 */
function deriveBoxKey(
  primitives: PublicPrimitives,
  { recipient, transcriptHash, contributor }: SealContext,
  header: { readonly x25519: Uint8Array; readonly mlkem768: Uint8Array },
  secrets: { readonly x25519: Uint8Array; readonly mlkem768: Uint8Array },
): BoxKey {
  const { signature: _, ...seat } = recipient;
  const context = primitives.sha256(
    canonicalBytes('cordon/v1/seal', {
      version: SEAL_VERSION,
      recipient: seat,
      transcriptHash,
      contributor,
      x25519: toBase64Url(header.x25519),
      mlkem768: toBase64Url(header.mlkem768),
    }),
  );
  const secret = new Uint8Array(secrets.x25519.length + secrets.mlkem768.length);
  secret.set(secrets.x25519);
  secret.set(secrets.mlkem768, secrets.x25519.length);
  const okm = new Uint8Array(hkdfSync('sha256', secret, utf8('cordon/v1/seal'), context, 44));
  for (const bytes of [secret, secrets.x25519, secrets.mlkem768]) bytes.fill(0);
  return { key: okm.subarray(0, 32), nonce: okm.subarray(32) };
}

/**
 * Seals one share to the key that a committee member advertised for this round (already verified with the transcript);
 * layout in `crypto/public/sealed-share.ts`. Both shared secrets are fresh, so the nonce may come from the same
 * derivation as the key.
 * @throws CryptoError TRANSCRIPT_INVALID naming the recipient whose key cannot be used
 */
export function sealShare(primitives: PublicPrimitives, context: SealContext, share: Uint8Array): Uint8Array {
  const { header, secrets } = agreeWith(context.recipient);
  const box = deriveBoxKey(primitives, context, header, secrets);
  const cipher = createCipheriv('aes-256-gcm', box.key, box.nonce, { authTagLength: SEAL_TAG_BYTES });
  const sealed = new Uint8Array(share.length + SEAL_OVERHEAD);
  sealed[0] = SEAL_VERSION;
  sealed.set(header.x25519, SEAL_OFFSETS.x25519);
  sealed.set(header.mlkem768, SEAL_OFFSETS.mlkem768);
  sealed.set(cipher.update(share), SEAL_OFFSETS.box);
  cipher.final();
  sealed.set(cipher.getAuthTag(), SEAL_OFFSETS.box + share.length);
  box.key.fill(0);
  return sealed;
}

function agreeWith(recipient: EphemeralPublic) {
  try {
    const own = generateKeyPairSync('x25519');
    const theirs = fromBase64Url(recipient.x25519, X25519_BYTES);
    const kem = importPublic('ml-kem-768', fromBase64Url(recipient.mlkem768, MLKEM768_PUBLIC_BYTES));
    const { sharedKey, ciphertext } = encapsulate(kem);
    const der = createPublicKey(own.privateKey).export({ format: 'der', type: 'spki' });
    return {
      header: { x25519: fromSpki('x25519', der), mlkem768: ciphertext },
      secrets: { x25519: x25519(own.privateKey, theirs), mlkem768: sharedKey },
    };
  } catch {
    throw new CryptoError('TRANSCRIPT_INVALID', {
      expected: `usable X25519 and ML-KEM-768 keys of ${recipient.member}`,
      got: 'keys that no secret can be agreed with',
      next: `refuse the round; ${recipient.member} must advertise a new key`,
    });
  }
}

/**
 * Opens a share sealed to this key. The caller overwrites the share after use.
 * @param key bound to the context's transcript; its own public half takes the recipient's place
 * @throws CryptoError SHARE_INVALID naming the contributor, the same for every cause; KEY_SPENT where it is the key
 *   that may not be used
 */
export function openShare(
  primitives: PublicPrimitives,
  key: EphemeralKey,
  context: Omit<SealContext, 'recipient'>,
  sealed: Uint8Array,
): Uint8Array {
  try {
    return open(primitives, key, context, sealed);
  } catch (error) {
    if (error instanceof CryptoError && error.code === 'KEY_SPENT') throw error;
    throw invalidShare(context.contributor);
  }
}

/** The one error for a share that cannot be used, whatever the reason. */
export function invalidShare(contributor: string): CryptoError {
  return new CryptoError('SHARE_INVALID', {
    expected: `the share of ${contributor} that its manifest promises, sealed to this member for this round`,
    got: 'something else',
    next: `answer nothing with ${contributor} in the set; report it to the other members`,
  });
}

function open(
  primitives: PublicPrimitives,
  key: EphemeralKey,
  context: Omit<SealContext, 'recipient'>,
  sealed: Uint8Array,
): Uint8Array {
  if (sealed.length <= SEAL_OVERHEAD || sealed[0] !== SEAL_VERSION)
    throw new RangeError('not a sealed share');
  const header = {
    x25519: sealed.subarray(SEAL_OFFSETS.x25519, SEAL_OFFSETS.mlkem768),
    mlkem768: sealed.subarray(SEAL_OFFSETS.mlkem768, SEAL_OFFSETS.box),
  };
  const secrets = key.agree(context.transcriptHash, header.x25519, header.mlkem768);
  const box = deriveBoxKey(primitives, { ...context, recipient: key.public }, header, secrets);
  const tagAt = sealed.length - SEAL_TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', box.key, box.nonce, { authTagLength: SEAL_TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(tagAt));
  const plain = decipher.update(sealed.subarray(SEAL_OFFSETS.box, tagAt));
  const share = new Uint8Array(plain);
  plain.fill(0);
  try {
    decipher.final();
  } catch (error) {
    share.fill(0);
    throw error;
  } finally {
    box.key.fill(0);
  }
  return share;
}
