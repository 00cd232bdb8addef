import {
  createCipheriv,
  createHash,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  encapsulate,
  generateKeyPairSync,
  randomBytes,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { PublicPrimitives, RandomBytes } from '../public/primitives.ts';
import { type KeyKind, toSpki } from '../public/spki.ts';
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
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return viewOf(hash.digest());
  },

  aes256ctr(key, iv, length) {
    // the key stream is the encryption of zeros; a key object spares node a slow check of the raw key
    return viewOf(createCipheriv('aes-256-ctr', createSecretKey(key), iv).update(new Uint8Array(length)));
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

  /** By trial, with a throwaway key: whatever OpenSSL refuses here it would refuse the contributors too. */
  usableKeys(x25519, mlkem768) {
    try {
      const { privateKey } = generateKeyPairSync('x25519');
      const secret = diffieHellman({ privateKey, publicKey: importPublic('x25519', x25519) });
      const { sharedKey } = encapsulate(importPublic('ml-kem-768', mlkem768));
      return [secret, sharedKey].every((one) => one.some((byte) => byte !== 0));
    } catch {
      return false;
    }
  },
};

function importPublic(kind: KeyKind, raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(toSpki(kind, raw)), format: 'der', type: 'spki' });
}
