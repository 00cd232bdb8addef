import Type, { type Static } from 'typebox';
import { Base64Url, closed, Ed25519Key, MemberId, RoundNumber, Signature } from './fields.ts';

/** Public half of a committee member's ephemeral key of one round, signed with its long-term key. */
export const EphemeralPublicMessage = Type.Object(
  {
    consortium: MemberId,
    epoch: Type.Integer({ minimum: 0 }),
    round: RoundNumber,
    member: MemberId,
    committeeIndex: Type.Integer({ minimum: 1, maximum: 15 }),
    x25519: Ed25519Key,
    mlkem768: Base64Url(1184),
    signature: Signature,
  },
  closed,
);
export type EphemeralPublicMessage = Static<typeof EphemeralPublicMessage>;
