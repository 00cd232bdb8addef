import { nodePrimitives } from '../crypto/identity/node-primitives.ts';
import { toHex } from '../crypto/public/encoding.ts';
import { signFields } from '../crypto/public/signed.ts';
import type { BlindedPart } from '../crypto/seal/public/blinded-target.ts';
import { aggregatePartCommitments, partCommitmentOf } from '../crypto/seal/public/part-commitment.ts';
import type { CommittedTarget, PartCommitment } from '../crypto/seal/public/part-commitment.ts';
import type { JointQuery } from './joint-federation.ts';

/** A part of any content, committed to and shown by a member that signs what it likes. */
export interface ForgedPart {
  readonly commitment: PartCommitment;
  show(commitments: readonly PartCommitment[]): BlindedPart;
}

/** @param place an honest commitment: member, query, key and target are taken from it */
export function forgePart(
  query: JointQuery,
  target: CommittedTarget,
  place: PartCommitment,
  bytes: Uint8Array,
): ForgedPart {
  const { member, transcriptHash, jointKeyHash, targetHash } = place;
  const { sign } = query.federation.key(member);
  const fields = { member, transcriptHash, jointKeyHash, targetHash };
  const opening = { ...fields, partHash: toHex(nodePrimitives.sha256(bytes)), nonce: 'A'.repeat(43) };
  return {
    commitment: signFields(sign, 'cordon/v1/joint-key-part-commitment', {
      ...fields,
      commitment: partCommitmentOf(nodePrimitives, opening),
    }),
    show: (commitments) => {
      const commitmentsHash = aggregatePartCommitments(target, commitments);
      return {
        message: signFields(sign, 'cordon/v1/joint-key-blinded', { ...opening, commitmentsHash }),
        bytes,
      };
    },
  };
}

/** A part whose member signs it again with other fields. */
export function reshow(
  query: JointQuery,
  { message, bytes }: BlindedPart,
  change: Partial<BlindedPart['message']>,
): BlindedPart {
  const { signature: _, ...fields } = message;
  const { sign } = query.federation.key(fields.member);
  return { message: signFields(sign, 'cordon/v1/joint-key-blinded', { ...fields, ...change }), bytes };
}
