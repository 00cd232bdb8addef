import Type, { type Static } from 'typebox';
import { Base64Url, closed, Hash, MemberId, RunId, Signature } from './fields.ts';

const Epoch = Type.Integer({ minimum: 0 });

/** What a member seals and opens with while the key of one run of a sketch task is made. */
export const SealKeyMessage = Type.Object(
  {
    consortium: MemberId,
    epoch: Epoch,
    run: RunId,
    member: MemberId,
    keys: Base64Url(1216, 'X25519 and ML-KEM-768 public keys'),
    signature: Signature,
  },
  closed,
);
export type SealKeyMessage = Static<typeof SealKeyMessage>;

/** One member's part of the key, sealed to every recipient. */
export const KeyPartMessage = Type.Object(
  {
    consortium: MemberId,
    epoch: Epoch,
    run: RunId,
    taskHash: Hash,
    member: MemberId,
    commitment: Hash,
    boxes: Type.Array(Type.Object({ member: MemberId, box: Base64Url(1169, 'a sealed part') }, closed), {
      minItems: 1,
      maxItems: 32,
    }),
    signature: Signature,
  },
  closed,
);
export type KeyPartMessage = Static<typeof KeyPartMessage>;
