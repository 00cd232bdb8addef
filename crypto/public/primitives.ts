/**
 * What the public half needs from a cryptographic library. It takes them as a parameter, so that the same code
 * verifies on a server (`crypto/identity/node-primitives.ts`) and in a browser.
 */
export interface PublicPrimitives {
  /** SHA-256 (FIPS 180-4) of the concatenation of the parts; 32 bytes. */
  readonly sha256: (...parts: readonly Uint8Array[]) => Uint8Array;
  /** The first `length` bytes of the AES-256-CTR key stream (NIST SP 800-38A); key 32 bytes, iv 16 bytes, big-endian counter. */
  readonly aes256ctr: (key: Uint8Array, iv: Uint8Array, length: number) => Uint8Array;
  /**
   * The same under one key many times: the function returned writes the key stream that starts with the counter block
   * `iv` over the whole of `out`.
   */
  readonly keyStream: (key: Uint8Array) => (iv: Uint8Array, out: Uint8Array) => void;
  /** Ed25519 (RFC 8032); public key 32 bytes, signature 64 bytes. False, never an exception, for any malformed input. */
  readonly verifyEd25519: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
  /**
   * Whether a secret can be agreed with both keys: the X25519 result is not all zero, as a point of small order makes it
   * (RFC 7748 section 6.1), and the ML-KEM-768 key passes the checks of length and modulus (FIPS 203 section 7.2).
   * False, never an exception, for any malformed input.
   */
  readonly usableKeys: (x25519: Uint8Array, mlkem768: Uint8Array) => boolean;
}

/** A source of random bytes; the operating system's everywhere outside tests. */
export type RandomBytes = (length: number) => Uint8Array;
