import {
  createCipheriv,
  createHash,
  createPublicKey,
  createSecretKey,
  randomBytes,
  verify,
} from 'node:crypto';
import type { PublicPrimitives, RandomBytes } from '../public/primitives.ts';
import { toSpki } from '../public/spki.ts';

/** The operating system's random source. */
export const systemRandom: RandomBytes = (length) => viewOf(randomBytes(length));

/** The same bytes, not a copy: whoever wipes what it was given has wiped all there is. */
function viewOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** What the public half needs, by `node:crypto`. */
export const nodePrimitives: PublicPrimitives = {
  sha256(...parts) {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return viewOf(hash.digest());
  },

  aes256ctr(key, iv, length) {
    // the key stream is the encryption of zeros; a key object spares node a slow check of the raw key
    return viewOf(createCipheriv('aes-256-ctr', createSecretKey(key), iv).update(new Uint8Array(length)));
  },

  verifyEd25519(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    try {
      const der = Buffer.from(toSpki('ed25519', publicKey));
      return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
    } catch {
      return false;
    }
  },
};
