import Type, { type Static } from 'typebox';
import type { CodecLimits } from '../codec/limits.ts';
import { closed, Ed25519Key, Hash, MemberId, Signature } from './fields.ts';

const MAX_MEMBERS = 1024;
const Count = Type.Integer({ minimum: 1, maximum: MAX_MEMBERS });

/** Members, keys and bounds of one epoch, as hashed and signed; its rules are checked by crypto. */
const RosterMessage = Type.Object(
  {
    consortium: MemberId,
    epoch: Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }),
    previous: Type.Union([Hash, Type.Null()]),
    members: Type.Array(Type.Object({ id: MemberId, index: Count, signKey: Ed25519Key }, closed), {
      maxItems: MAX_MEMBERS,
    }),
    committee: Type.Array(MemberId, { maxItems: 15 }),
    threshold: Count,
    cRoster: Count,
    cCommittee: Count,
    kMin: Count,
    coordinatorKey: Ed25519Key,
  },
  closed,
);

/** A roster and the members of the epoch before (in epoch 0: its own) who signed it. */
export const SignedEpochMessage = Type.Object(
  {
    roster: RosterMessage,
    signatures: Type.Array(Type.Object({ member: MemberId, signature: Signature }, closed), {
      maxItems: MAX_MEMBERS,
    }),
  },
  closed,
);
export type SignedEpochMessage = Static<typeof SignedEpochMessage>;

/** The roster file: a consortium's epochs from the first on. */
export const RosterFile = Type.Object({ epochs: Type.Array(SignedEpochMessage, { minItems: 1 }) }, closed);

/** One epoch a message, of at most 1,024 members with the longest names. */
export const EPOCH_LIMITS: CodecLimits = {
  maxBytes: 512 * 1024,
  maxDepth: 12,
  maxNodes: 16 * 1024,
  maxKeyBytes: 64,
};
