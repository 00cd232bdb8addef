import { type Domain, canonicalBytes } from './canonical.ts';
import { toHex } from './encoding.ts';
import type { PublicPrimitives } from './primitives.ts';

/** SHA-256 of a plain object's canonical form (RFC 8785) under a domain, hex. */
export function hashObject(primitives: PublicPrimitives, domain: Domain, object: object): string {
  return toHex(primitives.sha256(canonicalBytes(domain, object)));
}
