import { type KeyObject, createHash, createPublicKey, verify } from 'node:crypto';
import { toSpkiPem } from '../public/spki.ts';
import { Recent } from './recent.ts';

/** A roster has at most 1024 members; a key object is about a kilobyte. */
const KEYS = 2048;
/** More than the signatures of a round of 1000 members; an entry is about 100 bytes. */
const VERIFIED = 8192;

/** Importing a key costs a third of a verification, and a consortium's keys stay the same for years. */
const keys = new Recent<KeyObject>(KEYS);
/**
 * What verified before, by the SHA-256 of key, signature and message: the protocol checks the same manifest when it
 * arrives, when the set is fixed and when the sum is opened, and the answer depends on these bytes alone. Only successes
 * are kept, so that whoever sends rubbish pushes nothing out.
 */
const verified = new Recent<true>(VERIFIED);

/** Ed25519 (RFC 8032) as OpenSSL verifies it. False for keys and signatures of a wrong length or form; never throws. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  // Key and signature have fixed lengths: no two triples share their bytes.
  const digest = createHash('sha256').update(publicKey).update(signature).update(message).digest('base64');
  if (verified.get(digest)) return true;
  try {
    if (!verify(null, message, imported(publicKey), signature)) return false;
  } catch {
    return false;
  }
  verified.set(digest, true);
  return true;
}

function imported(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey).toString('base64');
  const known = keys.get(name);
  if (known) return known;
  const key = createPublicKey(toSpkiPem('ed25519', publicKey));
  keys.set(name, key);
  return key;
}
