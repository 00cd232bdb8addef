import { fromHex, toBase64Url } from './encoding.ts';
import { CryptoError } from './errors.ts';
import { wipeableBytes } from './wipeable.ts';

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
  requireRaw(kind, raw, bytes);
  return joined(prefix, raw);
}

/**
 * The same in PEM (RFC 7468). Node takes it with a third of the work of the DER: what is no text it first tries as a key
 * object of its own, four times over, and each failure costs an exception with its stack.
 * @throws CryptoError ENCODING_INVALID for a key of another length
 */
export function toSpkiPem(kind: KeyKind, raw: Uint8Array): string {
  const base64 = toBase64Url(toSpki(kind, raw)).replaceAll('-', '+').replaceAll('_', '/');
  const padded = base64.padEnd(Math.ceil(base64.length / 4) * 4, '=');
  // a curve's key fills less than a line
  const lines = padded.length <= 64 ? padded : (padded.match(/.{1,64}/g) ?? []).join('\n');
  return `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n`;
}

function requireRaw(kind: KeyKind, raw: Uint8Array, bytes: number): void {
  if (raw.length === bytes) return;
  throw new CryptoError('ENCODING_INVALID', {
    expected: `a raw ${kind} key of ${bytes} bytes`,
    got: `${raw.length} bytes`,
    next: 'refuse the message it came in',
  });
}

function joined(prefix: Uint8Array, raw: Uint8Array): Uint8Array {
  const der = wipeableBytes(prefix.length + raw.length);
  der.set(prefix);
  der.set(raw, prefix.length);
  return der;
}

/**
 * PKCS #8 (RFC 5958) of the raw secrets: RFC 8410 section 7 for X25519, the seed alone as RFC 9935 section 6 has it for
 * ML-KEM-768 (d || z, FIPS 203 section 7.1).
 */
const PRIVATE_PREFIXES = {
  x25519: { prefix: fromHex('302e020100300506032b656e04220420'), bytes: 32 },
  'ml-kem-768': { prefix: fromHex('3054020100300b060960864801650304040204428040'), bytes: 64 },
} as const;

/** DER of a raw private key; the caller overwrites it after use. @throws CryptoError ENCODING_INVALID for another length */
export function toPkcs8(kind: 'x25519' | 'ml-kem-768', raw: Uint8Array): Uint8Array {
  const { prefix, bytes } = PRIVATE_PREFIXES[kind];
  requireRaw(kind, raw, bytes);
  return joined(prefix, raw);
}

/** Raw public key of a DER that `toSpki` or a library made for this kind. */
export function fromSpki(kind: KeyKind, der: Uint8Array): Uint8Array {
  return der.slice(PREFIXES[kind].prefix.length);
}
