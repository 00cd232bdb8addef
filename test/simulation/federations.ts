import { SigningKey } from '../../crypto/identity/signing-key.ts';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { TestFederation } from '../crypto-federation.ts';

/** Long-term keys are the same in every history; all that belongs to a round is made anew. */
const longTerm = new Map<string, SigningKey>();
const federations = new Map<string, TestFederation>();

function longTermKey(id: string): SigningKey {
  const key = longTerm.get(id) ?? SigningKey.generate();
  longTerm.set(id, key);
  return key;
}

/** A federation of that many members, all of them in the committee, with that threshold. */
export function federationOf(members: number, threshold: number): TestFederation {
  const name = `${members}/${threshold}`;
  const federation = federations.get(name) ?? new TestFederation(members, { threshold }, longTermKey);
  federations.set(name, federation);
  return federation;
}

/**
 * Primitives that remember which signatures they have verified: in a simulation every member is the same process, and
 * would verify the same signature as often as there are members. A signature that was never verified is verified.
 */
export function rememberingPrimitives(): PublicPrimitives {
  const verified = new Map<string, boolean>();
  return {
    ...nodePrimitives,
    verifyEd25519(publicKey, message, signature) {
      const digest = Buffer.from(nodePrimitives.sha256(publicKey, signature, message)).toString('base64');
      const known = verified.get(digest);
      if (known !== undefined) return known;
      const valid = nodePrimitives.verifyEd25519(publicKey, message, signature);
      verified.set(digest, valid);
      return valid;
    },
  };
}
