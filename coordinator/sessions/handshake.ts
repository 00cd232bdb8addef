import { toBase64Url } from '../../crypto/public/encoding.ts';
import type { PublicPrimitives, RandomBytes } from '../../crypto/public/primitives.ts';
import { type Roster, rosterHash } from '../../crypto/public/roster.ts';
import { type Sign, checkSigned, signFields } from '../../crypto/public/signed.ts';
import { CordonError } from '../../protocol/errors.ts';
import {
  type Challenge,
  type Hello,
  PROTOCOL_VERSION,
  type Welcome,
  helloFields,
  welcomeFields,
} from '../../protocol/messages/session.ts';

export interface HandshakeModules {
  readonly primitives: PublicPrimitives;
  readonly random: RandomBytes;
  readonly sign: Sign;
  readonly now: () => number;
}

/** Who may start and cancel runs, from the configuration. */
export interface OperatorEntry {
  readonly id: string;
  /** Ed25519, base64url */
  readonly signKey: string;
}

/** First message of a connection; its nonce makes every hello good for this connection only. */
export function makeChallenge(roster: Roster, modules: HandshakeModules): Challenge {
  return {
    type: 'challenge',
    protocol: PROTOCOL_VERSION,
    consortium: roster.consortium,
    rosterHash: rosterHash(modules.primitives, roster),
    nonce: toBase64Url(modules.random(32)),
  };
}

/**
 * Checks who says hello and answers with a signed welcome.
 * @throws CordonError PROTOCOL_VERSION, UNAUTHENTICATED; CryptoError SIGNATURE_INVALID
 */
export function acceptHello(
  challenge: Challenge,
  hello: Hello,
  roster: Roster,
  operators: readonly OperatorEntry[],
  modules: HandshakeModules,
): Welcome {
  if (hello.protocol !== PROTOCOL_VERSION) {
    throw new CordonError('PROTOCOL_VERSION', {
      expected: `version ${PROTOCOL_VERSION}`,
      got: `version ${hello.protocol}`,
      next: 'install the same version of Cordon on both sides',
    });
  }
  const known = hello.role === 'member' ? roster.members : operators;
  const signKey = known.find(({ id }) => id === hello.id)?.signKey;
  if (signKey === undefined) {
    throw new CordonError('UNAUTHENTICATED', {
      expected: `a ${hello.role} of ${roster.consortium}`,
      got: hello.id,
      next: `ask the coordinator's operator to add this ${hello.role}`,
    });
  }
  const { signature } = hello;
  checkSigned(
    modules.primitives,
    signKey,
    'cordon/v1/hello',
    { ...helloFields(challenge, hello), signature },
    {
      who: hello.id,
      what: 'its hello',
    },
  );
  const token = toBase64Url(modules.random(32));
  const time = modules.now();
  const signed = signFields(
    modules.sign,
    'cordon/v1/welcome',
    welcomeFields(challenge, hello, { token, time }),
  );
  return { type: 'welcome', id: hello.id, token, time, signature: signed.signature };
}
