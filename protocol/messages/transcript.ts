import Type, { type Static } from 'typebox';
import { EphemeralPublicMessage } from './ephemeral-public.ts';
import { closed, Hash, MemberId, RoundNumber, RunId } from './fields.ts';

export const Layout = Type.Union([Type.Literal('3x26'), Type.Literal('4x19'), Type.Literal('6x13')]);

/** Everything that a round is about; its hash is what uploads, shares and answers are bound to. */
export const TranscriptMessage = Type.Object(
  {
    consortium: MemberId,
    epoch: Type.Integer({ minimum: 0 }),
    rosterHash: Hash,
    run: RunId,
    round: RoundNumber,
    taskHash: Hash,
    modelHash: Hash,
    length: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }),
    layout: Layout,
    valueBits: Type.Integer({ minimum: 2, maximum: 16 }),
    quantiser: Type.Object(
      {
        clipNorm: Type.Number({ exclusiveMinimum: 0, maximum: 1e6 }),
        bits: Type.Integer({ minimum: 2, maximum: 16 }),
      },
      closed,
    ),
    dp: Type.Null(),
    groups: Type.Null(),
    kMin: Type.Integer({ minimum: 3, maximum: 1024 }),
    deadline: Type.Object(
      { collectSeconds: Type.Number({ minimum: 1 }), graceSeconds: Type.Number({ minimum: 0 }) },
      closed,
    ),
    committee: Type.Array(EphemeralPublicMessage, { minItems: 1, maxItems: 15 }),
  },
  closed,
);
export type TranscriptMessage = Static<typeof TranscriptMessage>;
