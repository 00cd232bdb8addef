/**
 * What the public half needs from a cryptographic library. It takes them as a parameter, so that the same code
 * verifies on a server (`crypto/identity/node-primitives.ts`) and in a browser.
 */
export interface PublicPrimitives {
  /** SHA-256 (FIPS 180-4) of the concatenation of the parts; 32 bytes. */
  readonly sha256: (...parts: readonly Uint8Array[]) => Uint8Array;
  /**
   * The first `length` bytes of the AES-256-CTR key stream (NIST SP 800-38A) in a buffer that is nobody else's; key 32
   * bytes, iv 16 bytes, big-endian counter.
   */
  readonly aes256ctr: (key: Uint8Array, iv: Uint8Array, length: number) => Uint8Array;
  /**
   * The same under one key many times: the function returned writes the key stream that starts with the counter block
   * `iv` over the whole of `out`.
   */
  readonly keyStream: (key: Uint8Array) => (iv: Uint8Array, out: Uint8Array) => void;
  /** Ed25519 (RFC 8032); public key 32 bytes, signature 64 bytes. False, never an exception, for any malformed input. */
  readonly verifyEd25519: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
  /** HKDF-SHA256 (RFC 5869) in a buffer that is nobody else's. */
  readonly hkdfSha256: (secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number) => Uint8Array;
  /** AES-256-GCM (NIST SP 800-38D) with a 16-byte tag and nothing else authenticated; null where the tag is wrong. */
  readonly openAes256Gcm: (
    key: Uint8Array,
    nonce: Uint8Array,
    box: Uint8Array,
    tag: Uint8Array,
  ) => Uint8Array | null;
  /** Both public halves of a pair, 1,216 bytes (`pair-sizes.ts`), from a secret of 96 that its owner has revealed. */
  readonly pairOfSecret: (secret: Uint8Array) => Uint8Array;
  /**
   * What a revealed pair agrees on with a sender: X25519 secret (RFC 7748) || ML-KEM-768 secret (FIPS 203), 64 bytes; null
   * where X25519 gives zero, as a point of small order makes it.
   * @param x25519 32 bytes
   * @param mlkem768 ciphertext, 1,088 bytes
   */
  readonly agreeWithSecret: (
    secret: Uint8Array,
    x25519: Uint8Array,
    mlkem768: Uint8Array,
  ) => Uint8Array | null;
}

/** A source of random bytes; the operating system's everywhere outside tests. */
export type RandomBytes = (length: number) => Uint8Array;
