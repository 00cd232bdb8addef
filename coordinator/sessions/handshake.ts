import { toBase64Url } from '../../crypto/public/encoding.ts';
import type { PublicPrimitives, RandomBytes } from '../../crypto/public/primitives.ts';
import type { EpochChain } from '../../crypto/public/epoch-chain.ts';
import { type Roster, rosterHash } from '../../crypto/public/roster.ts';
import { type Sign, checkSigned, isSigned, signFields } from '../../crypto/public/signed.ts';
import { CordonError } from '../../protocol/errors.ts';
import {
  type Challenge,
  type Hello,
  PROTOCOL_VERSION,
  type Welcome,
  helloFields,
  welcomeFields,
} from '../../protocol/messages/session.ts';
import type { Role } from './session.ts';

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
  chain: EpochChain,
  operators: readonly OperatorEntry[],
  modules: HandshakeModules,
): { readonly welcome: Welcome; readonly role: Role } {
  if (hello.protocol !== PROTOCOL_VERSION) {
    throw new CordonError('PROTOCOL_VERSION', {
      expected: `version ${PROTOCOL_VERSION}`,
      got: `version ${hello.protocol}`,
      next: 'install the same version of Cordon on both sides',
    });
  }
  const role = checkHello(challenge, hello, chain, operators, modules);
  const token = toBase64Url(modules.random(32));
  const time = modules.now();
  const signed = signFields(
    modules.sign,
    'cordon/v1/welcome',
    welcomeFields(challenge, hello, { token, time }),
  );
  return { welcome: { type: 'welcome', id: hello.id, token, time, signature: signed.signature }, role };
}

function checkHello(
  challenge: Challenge,
  hello: Hello,
  chain: EpochChain,
  operators: readonly OperatorEntry[],
  { primitives }: HandshakeModules,
): Role {
  const { consortium, members } = chain.last;
  const signed = { ...helloFields(challenge, hello), signature: hello.signature };
  if (hello.role === 'member' && isFormer(signed, hello.id, chain, primitives)) return 'former';
  const known = hello.role === 'member' ? members : operators;
  const signKey = known.find(({ id }) => id === hello.id)?.signKey;
  if (signKey === undefined) {
    throw new CordonError('UNAUTHENTICATED', {
      expected: `a ${hello.role} of ${consortium}`,
      got: hello.id,
      next:
        hello.role === 'member'
          ? 'members join with a roster epoch that enough members sign'
          : `ask the coordinator's operator to add this operator`,
    });
  }
  checkSigned(primitives, signKey, 'cordon/v1/hello', signed, { who: hello.id, what: 'its hello' });
  return hello.role;
}

/** Whether this is the signature of a key that stood for the member in an earlier epoch, and does not any more. */
function isFormer(
  signed: { readonly signature: string },
  id: string,
  { epochs, last }: EpochChain,
  primitives: PublicPrimitives,
): boolean {
  const keyIn = ({ members }: Roster) => members.find((member) => member.id === id)?.signKey;
  const keys = new Set(epochs.flatMap(({ roster }) => keyIn(roster) ?? []));
  keys.delete(keyIn(last) ?? '');
  return [...keys].some((key) => isSigned(primitives, key, 'cordon/v1/hello', signed));
}
