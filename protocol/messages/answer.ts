import Type, { type Static } from 'typebox';
import { Base64Url, closed, Hash, MemberId, RoundNumber, Signature } from './fields.ts';

/** A committee member's one answer of a round: its sum of shares over S, 4,096 field elements of 17 bits. */
export const AnswerMessage = Type.Object(
  {
    consortium: MemberId,
    round: RoundNumber,
    member: MemberId,
    committeeIndex: Type.Integer({ minimum: 1, maximum: 15 }),
    transcriptHash: Hash,
    setHash: Hash,
    shares: Base64Url(8704),
    signature: Signature,
  },
  closed,
);
export type AnswerMessage = Static<typeof AnswerMessage>;
