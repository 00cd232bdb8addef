import { createCipheriv } from 'node:crypto';

/**
 * AES-256-CTR key stream (NIST SP 800-38A) of a secret seed, in a buffer that is nobody else's: the caller overwrites it
 * after use. The key schedule inside OpenSSL is cleansed when the garbage collector frees the cipher, not before.
 * @param key 32 bytes
 * @param start the first counter block, 16 bytes
 */
export function secretKeyStream(key: Uint8Array, start: Uint8Array, length: number): Uint8Array {
  return createCipheriv('aes-256-ctr', key, start).update(new Uint8Array(length));
}
