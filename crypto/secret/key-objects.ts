import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { fromSpki, toPkcs8, toSpkiPem } from '../public/spki.ts';
import type { KeyKind } from '../public/spki.ts';

/** A raw public key as node takes it. */
export function importPublic(kind: KeyKind, raw: Uint8Array): KeyObject {
  return createPublicKey(toSpkiPem(kind, raw));
}

/** A raw private key as node takes it; no copy of it stays in JavaScript's memory but the caller's. */
export function importPrivate(kind: 'x25519' | 'ml-kem-768', raw: Uint8Array): KeyObject {
  const der = toPkcs8(kind, raw);
  const key = createPrivateKey({
    key: Buffer.from(der.buffer, der.byteOffset, der.byteLength),
    format: 'der',
    type: 'pkcs8',
  });
  der.fill(0);
  return key;
}

/** The raw public half of a private key. */
export function rawPublic(kind: KeyKind, key: KeyObject): Uint8Array {
  return fromSpki(kind, createPublicKey(key).export({ format: 'der', type: 'spki' }));
}
