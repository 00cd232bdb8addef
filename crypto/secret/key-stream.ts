import { createCipheriv, createSecretKey } from 'node:crypto';

/**
 * AES-256-CTR key stream (NIST SP 800-38A) of a secret seed, in a buffer that is nobody else's: the caller overwrites it
 * after use. OpenSSL's copies of the key are cleansed when the garbage collector frees them, not before.
 * @param key 32 bytes
 * @param start the first counter block, 16 bytes
 */
export function secretKeyStream(key: Uint8Array, start: Uint8Array, length: number): Uint8Array {
  // A key object costs less than raw bytes here: Node 24 takes 10 us to find out that those are not one.
  return createCipheriv('aes-256-ctr', createSecretKey(key), start).update(new Uint8Array(length));
}
