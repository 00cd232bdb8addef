import Type, { type Static } from 'typebox';
import { Base64Url, closed, Hash, MemberId, RoundNumber, Signature } from './fields.ts';

/**
 * A committee member's proof that a contributor's share for it is bad: the secret of the one key pair that the share was
 * sealed to, the place of that pair among those advertised, and the sealed bytes. Anyone can open the share with it.
 */
export const ComplaintMessage = Type.Object(
  {
    consortium: MemberId,
    epoch: Type.Integer({ minimum: 0 }),
    round: RoundNumber,
    transcriptHash: Hash,
    member: MemberId,
    committeeIndex: Type.Integer({ minimum: 1, maximum: 15 }),
    contributor: MemberId,
    manifestHash: Hash,
    pairSecret: Base64Url(96),
    /** Merkle path of the pair, lowest first; ten levels hold 1,024 members. */
    proof: Type.Array(Hash, { maxItems: 10 }),
    /** Base64url, at most 16 KB of sealed bytes. */
    sealed: Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: 21_846 }),
    signature: Signature,
  },
  closed,
);
export type ComplaintMessage = Static<typeof ComplaintMessage>;
