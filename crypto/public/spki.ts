import { fromHex } from './encoding.ts';
import { CryptoError } from './errors.ts';

/**
 * SubjectPublicKeyInfo (RFC 5280 section 4.1) of the keys used here: a fixed prefix and the raw key. RFC 8410 gives
 * the prefixes of the curves, RFC 9935 that of ML-KEM-768.
 */
const PREFIXES = {
  ed25519: { prefix: fromHex('302a300506032b6570032100'), bytes: 32 },
  x25519: { prefix: fromHex('302a300506032b656e032100'), bytes: 32 },
  'ml-kem-768': { prefix: fromHex('308204b2300b0609608648016503040402038204a100'), bytes: 1184 },
} as const;

export type KeyKind = keyof typeof PREFIXES;

/** DER of a raw public key. @throws CryptoError ENCODING_INVALID for a key of another length */
export function toSpki(kind: KeyKind, raw: Uint8Array): Uint8Array {
  const { prefix, bytes } = PREFIXES[kind];
  if (raw.length !== bytes) {
    throw new CryptoError('ENCODING_INVALID', {
      expected: `a raw ${kind} key of ${bytes} bytes`,
      got: `${raw.length} bytes`,
      next: 'refuse the message it came in',
    });
  }
  const der = new Uint8Array(prefix.length + bytes);
  der.set(prefix);
  der.set(raw, prefix.length);
  return der;
}

/** Raw public key of a DER that `toSpki` or a library made for this kind. */
export function fromSpki(kind: KeyKind, der: Uint8Array): Uint8Array {
  return der.slice(PREFIXES[kind].prefix.length);
}
