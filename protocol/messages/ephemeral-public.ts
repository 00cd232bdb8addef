import Type, { type Static } from 'typebox';
import { closed, Hash, MemberId, RoundNumber, Signature } from './fields.ts';

/**
 * A committee member's ephemeral keys of one round, signed with its long-term key: how many pairs, one a member of the
 * roster, and the Merkle root over them. The pairs themselves go by the bulk plane.
 */
export const EphemeralPublicMessage = Type.Object(
  {
    consortium: MemberId,
    epoch: Type.Integer({ minimum: 0 }),
    round: RoundNumber,
    member: MemberId,
    committeeIndex: Type.Integer({ minimum: 1, maximum: 15 }),
    keys: Type.Integer({ minimum: 1, maximum: 1024 }),
    keysRoot: Hash,
    signature: Signature,
  },
  closed,
);
export type EphemeralPublicMessage = Static<typeof EphemeralPublicMessage>;
