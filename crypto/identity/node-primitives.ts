import { createCipheriv, createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import type { PublicPrimitives, RandomBytes } from '../public/primitives.ts';
import { toSpki } from '../public/spki.ts';

/** The operating system's random source. */
export const systemRandom: RandomBytes = (length) => new Uint8Array(randomBytes(length));

/** What the public half needs, by `node:crypto`. */
export const nodePrimitives: PublicPrimitives = {
  sha256(...parts) {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
  },

  aes256ctr(key, iv, length) {
    // the key stream is the encryption of zeros
    return new Uint8Array(createCipheriv('aes-256-ctr', key, iv).update(new Uint8Array(length)));
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
