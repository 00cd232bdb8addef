import type { Domain } from '../public/canonical.ts';
import { signFields } from '../public/signed.ts';
import type { SigningKey } from './signing-key.ts';

/** The fields and the key's signature over them; `isSigned` and `checkSigned` of `crypto/public` verify it. */
export function signObject<T extends object>(
  key: SigningKey,
  domain: Domain,
  fields: T,
): T & { signature: string } {
  return signFields(key.sign, domain, fields);
}
