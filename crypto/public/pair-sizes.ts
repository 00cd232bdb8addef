/** Raw sizes of X25519 (RFC 7748) and ML-KEM-768 (FIPS 203, table 3). */
export const X25519_BYTES = 32;
export const MLKEM768_PUBLIC_BYTES = 1184;
export const MLKEM768_CIPHERTEXT_BYTES = 1088;
export const MLKEM768_SEED_BYTES = 64;

/** One pair: X25519 public key, ML-KEM-768 encapsulation key. */
export const PAIR_BYTES = X25519_BYTES + MLKEM768_PUBLIC_BYTES;
/** Its secret: X25519 private key, ML-KEM-768 seed d || z. */
export const PAIR_SECRET_BYTES = X25519_BYTES + MLKEM768_SEED_BYTES;
