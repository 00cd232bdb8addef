import Type, { type Static } from 'typebox';
import { closed, Hash, MemberId, RoundNumber, Signature } from './fields.ts';

/** What a member signs about its upload. The blob is the ciphertext's chunks in order, then the sealed shares. */
export const ManifestMessage = Type.Object(
  {
    consortium: MemberId,
    round: RoundNumber,
    member: MemberId,
    transcriptHash: Hash,
    chunks: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }),
    chunkRoot: Hash,
    blobBytes: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    blobHash: Hash,
    shares: Type.Array(
      Type.Object(
        {
          committeeIndex: Type.Integer({ minimum: 1, maximum: 15 }),
          hash: Hash,
          bytes: Type.Integer({ minimum: 1, maximum: 16384 }),
        },
        closed,
      ),
      { minItems: 1, maxItems: 15 },
    ),
    /** Low-degree test: 17 bytes a position, at most 15 positions. */
    lowDegree: Type.String({ pattern: '^[A-Za-z0-9_-]*$', minLength: 1, maxLength: 340 }),
    signature: Signature,
  },
  closed,
);
export type ManifestMessage = Static<typeof ManifestMessage>;
