import Type, { type Static } from 'typebox';
import { closed, Hash, MemberId, Nonce, Signature, Time } from './fields.ts';

/** Version of the messages; both sides must have the same. */
export const PROTOCOL_VERSION = 2;

/** Server, first message of a connection: who it is and what must be signed. */
export const Challenge = Type.Object(
  {
    type: Type.Literal('challenge'),
    protocol: Type.Integer({ minimum: 1 }),
    consortium: MemberId,
    rosterHash: Hash,
    nonce: Nonce,
  },
  closed,
);
export type Challenge = Static<typeof Challenge>;

/** Client: signature over consortium, roster, role, id and both nonces with the long-term key. */
export const Hello = Type.Object(
  {
    type: Type.Literal('hello'),
    protocol: Type.Integer({ minimum: 1 }),
    role: Type.Union([Type.Literal('member'), Type.Literal('operator')]),
    id: MemberId,
    nonce: Nonce,
    signature: Signature,
  },
  closed,
);
export type Hello = Static<typeof Hello>;

/** Server: signed welcome; a participant counts itself connected only now. The token opens the bulk plane for this connection. */
export const Welcome = Type.Object(
  { type: Type.Literal('welcome'), id: MemberId, token: Nonce, time: Time, signature: Signature },
  closed,
);
export type Welcome = Static<typeof Welcome>;

/** What a hello's signature covers: both nonces, so that it is good for one connection to one coordinator. */
export function helloFields(challenge: Challenge, hello: Pick<Hello, 'role' | 'id' | 'nonce'>) {
  return {
    consortium: challenge.consortium,
    rosterHash: challenge.rosterHash,
    role: hello.role,
    id: hello.id,
    serverNonce: challenge.nonce,
    clientNonce: hello.nonce,
  };
}

/** What a welcome's signature covers. */
export function welcomeFields(
  challenge: Challenge,
  hello: Pick<Hello, 'role' | 'id' | 'nonce'>,
  welcome: Pick<Welcome, 'token' | 'time'>,
) {
  return { ...helloFields(challenge, hello), token: welcome.token, time: welcome.time };
}
