import Type, { type Static } from 'typebox';
import { Chunk, closed, Hash, MemberId, RoundNumber, Signature } from './fields.ts';

/** A member's word that it has recomputed these chunks of the sum from all uploads, and found them as published. */
export const AuditStatementMessage = Type.Object(
  {
    consortium: MemberId,
    epoch: Type.Integer({ minimum: 0 }),
    round: RoundNumber,
    member: MemberId,
    transcriptHash: Hash,
    setHash: Hash,
    sumRoot: Hash,
    /** First chunk, and the one after the last. */
    from: Chunk,
    to: Chunk,
    signature: Signature,
  },
  closed,
);
export type AuditStatementMessage = Static<typeof AuditStatementMessage>;
