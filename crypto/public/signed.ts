import { canonicalBytes } from './canonical.ts';
import type { CanonicalFields, Domain } from './canonical.ts';
import { fromBase64Url, toBase64Url } from './encoding.ts';
import { CryptoError } from './errors.ts';
import type { PublicPrimitives } from './primitives.ts';

/** Ed25519 under a key that stays where it is; 64 bytes. */
export type Sign = (message: Uint8Array) => Uint8Array;

/** What a signature covers: every field but itself, under a domain. */
export function signedBytes(domain: Domain, object: object): Uint8Array {
  return canonicalBytes(
    domain,
    Object.fromEntries(Object.entries(object).filter(([name]) => name !== 'signature')),
  );
}

/** The fields and their signature, base64url. */
export function signFields<T extends object>(
  sign: Sign,
  domain: Domain,
  fields: T,
): T & { signature: string } {
  return { ...fields, signature: toBase64Url(sign(signedBytes(domain, fields))) };
}

/**
 * Whether `object.signature` is the signature of all its other fields by the base64url key; never throws.
 * @param fields of the object, where they are at hand
 */
export function isSigned(
  primitives: PublicPrimitives,
  publicKey: string,
  domain: Domain,
  object: { readonly signature: string },
  fields?: CanonicalFields,
): boolean {
  try {
    return primitives.verifyEd25519(
      fromBase64Url(publicKey, 32),
      fields?.bytes(domain, 'signature') ?? signedBytes(domain, object),
      fromBase64Url(object.signature, 64),
    );
  } catch {
    return false;
  }
}

/**
 * @param fields of the object, where they are at hand
 * @throws CryptoError SIGNATURE_INVALID naming `who` should have signed `what`
 */
export function checkSigned(
  primitives: PublicPrimitives,
  publicKey: string,
  domain: Domain,
  object: { readonly signature: string },
  { who, what }: { readonly who: string; readonly what: string },
  fields?: CanonicalFields,
): void {
  if (isSigned(primitives, publicKey, domain, object, fields)) return;
  throw new CryptoError('SIGNATURE_INVALID', {
    expected: `the signature of ${who} on ${what}`,
    got: 'a signature that does not verify',
    next: `refuse it; compare the key of ${who} with the roster that was signed`,
  });
}
