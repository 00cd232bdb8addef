import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  decapsulate,
  diffieHellman,
  hash,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { MLKEM768_CIPHERTEXT_BYTES, PAIR_BYTES, X25519_BYTES } from '../public/pair-sizes.ts';
import type { PublicPrimitives, RandomBytes } from '../public/primitives.ts';
import { type KeyKind, fromSpki, toPkcs8, toSpkiPem } from '../public/spki.ts';
import { verifyEd25519 } from './verify-ed25519.ts';

/** The operating system's random source. */
export const systemRandom: RandomBytes = (length) => viewOf(randomBytes(length));

/** The same bytes, not a copy: whoever wipes what it was given has wiped all there is. */
function viewOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** Encrypted to have the key stream itself. Never written. */
const ZEROS = new Uint8Array(65536);

/** Gives memory back now: left to the garbage collector it piles up, and fresh pages cost more than AES does. */
function release({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** What the public half needs, by `node:crypto`. */
export const nodePrimitives: PublicPrimitives = {
  sha256(...parts) {
    const [only] = parts;
    if (only !== undefined && parts.length === 1) return viewOf(hash('sha256', only, 'buffer'));
    const state = createHash('sha256');
    for (const part of parts) state.update(part);
    return viewOf(state.digest());
  },

  aes256ctr(key, iv, length) {
    // the key stream is the encryption of zeros; a key object spares node a slow check of the raw key
    const zeros = length <= ZEROS.length ? ZEROS.subarray(0, length) : new Uint8Array(length);
    return viewOf(createCipheriv('aes-256-ctr', createSecretKey(key), iv).update(zeros));
  },

  keyStream(key) {
    const imported = createSecretKey(key);
    return (iv, out) => {
      const cipher = createCipheriv('aes-256-ctr', imported, iv);
      for (let at = 0; at < out.length; at += ZEROS.length) {
        const piece = viewOf(cipher.update(ZEROS.subarray(0, out.length - at)));
        out.set(piece, at);
        release(piece);
      }
    };
  },

  verifyEd25519,

  hkdfSha256(secret, salt, info, length) {
    // of raw bytes node asks whether they are a key object, and is told by an exception
    return new Uint8Array(hkdfSync('sha256', createSecretKey(secret), salt, info, length));
  },

  openAes256Gcm(key, nonce, box, tag) {
    const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), nonce, { authTagLength: 16 });
    decipher.setAuthTag(tag);
    const plain = viewOf(decipher.update(box));
    try {
      decipher.final();
      return plain;
    } catch {
      plain.fill(0);
      return null;
    }
  },

  pairOfSecret(secret) {
    const { x25519, mlkem768 } = importPair(secret);
    const pair = new Uint8Array(PAIR_BYTES);
    pair.set(rawPublic('x25519', x25519));
    pair.set(rawPublic('ml-kem-768', mlkem768), X25519_BYTES);
    return pair;
  },

  agreeWithSecret(secret, theirs, ciphertext) {
    if (ciphertext.length !== MLKEM768_CIPHERTEXT_BYTES) return null;
    const { x25519, mlkem768 } = importPair(secret);
    try {
      const publicKey = importPublic('x25519', theirs);
      const first = diffieHellman({ privateKey: x25519, publicKey });
      if (first.every((byte) => byte === 0)) return null;
      return viewOf(Buffer.concat([first, decapsulate(mlkem768, ciphertext)]));
    } catch {
      return null; // OpenSSL refuses a point of small order by itself
    }
  },
};

function importPublic(kind: KeyKind, raw: Uint8Array): KeyObject {
  return createPublicKey(toSpkiPem(kind, raw));
}

function importPair(secret: Uint8Array): { x25519: KeyObject; mlkem768: KeyObject } {
  const load = (kind: 'x25519' | 'ml-kem-768', raw: Uint8Array) =>
    createPrivateKey({ key: Buffer.from(toPkcs8(kind, raw)), format: 'der', type: 'pkcs8' });
  return {
    x25519: load('x25519', secret.subarray(0, X25519_BYTES)),
    mlkem768: load('ml-kem-768', secret.subarray(X25519_BYTES)),
  };
}

function rawPublic(kind: KeyKind, key: KeyObject): Uint8Array {
  return fromSpki(kind, createPublicKey(key).export({ format: 'der', type: 'spki' }));
}
