import { toBase64Url, toHex } from '../../public/encoding.ts';
import { CryptoError } from '../../public/errors.ts';
import type { RandomBytes } from '../../public/primitives.ts';
import { signFields } from '../../public/signed.ts';
import type { Sign } from '../../public/signed.ts';
import type { BlindedPart } from '../public/blinded-target.ts';
import { encodeMask, maskedSum, prepare } from '../public/evaluate.ts';
import type { Slots } from '../public/evaluate.ts';
import type { JointTarget } from '../public/joint-target.ts';
import { aggregatePartCommitments, partCommitmentOf } from '../public/part-commitment.ts';
import type { CommittedTarget, PartCommitment } from '../public/part-commitment.ts';
import type { JointEncryptor } from './joint-encryptor.ts';

/** Uniform values from 1 to 65,536: the nonzero residues, one for 16 bits. To be overwritten by the caller. */
export function sampleNonzero(random: RandomBytes, degree: number): Slots {
  const bytes = random(2 * degree);
  const slots = Uint32Array.from(
    { length: degree },
    (_, i) => 1 + (bytes[2 * i] ?? 0) + 256 * (bytes[2 * i + 1] ?? 0),
  );
  bytes.fill(0);
  return slots;
}

/** A part that its member has committed to and shown to nobody. */
export interface HeldPart {
  readonly target: CommittedTarget;
  readonly commitment: PartCommitment;
  readonly partHash: string;
  readonly nonce: string;
  readonly bytes: Uint8Array;
}

/**
 * r * T + Enc(0), with a signed commitment to it. A nonzero slot of T becomes a uniform nonzero value, a zero slot stays
 * zero; Enc(0) hides r from whoever knows T and the result. The sum over the members is zero by chance in one of about
 * 65,537 nonzero slots.
 */
export function blind(
  encryptor: JointEncryptor,
  target: JointTarget,
  member: string,
  random: RandomBytes,
  sign: Sign,
): HeldPart {
  const { jointKey } = encryptor;
  const { ciphertext, hash: targetHash } = target;
  const { context, primitives, hash: transcriptHash } = jointKey.session;
  const slots = sampleNonzero(random, context.parameters.degree);
  try {
    using factor = prepare(ciphertext);
    using mask = encodeMask(context, ciphertext.level, slots);
    using zero = encryptor.encryptZero(ciphertext.level);
    using part = maskedSum(context, [{ factor, mask }], [zero]);
    const bytes = part.toBytes();
    const partHash = toHex(primitives.sha256(bytes));
    const nonce = toBase64Url(random(32));
    const place = { member, transcriptHash, jointKeyHash: jointKey.hash, targetHash };
    const commitment = signFields(sign, 'cordon/v1/joint-key-part-commitment', {
      ...place,
      commitment: partCommitmentOf(primitives, { ...place, partHash, nonce }),
    });
    return { target: { jointKey, hash: targetHash }, commitment, partHash, nonce, bytes };
  } finally {
    slots.fill(0);
  }
}

/**
 * The part, signed together with all the commitments that its member saw before.
 * @throws CryptoError JOINT_KEY_INVALID, SIGNATURE_INVALID where a commitment is missing or bad, or one's own is not among
 *   them
 */
export function showPart(held: HeldPart, commitments: readonly PartCommitment[], sign: Sign): BlindedPart {
  const { member, transcriptHash, jointKeyHash, targetHash, commitment } = held.commitment;
  const commitmentsHash = aggregatePartCommitments(held.target, commitments);
  if (!commitments.some((one) => one.member === member && one.commitment === commitment)) {
    throw new CryptoError('JOINT_KEY_INVALID', {
      expected: 'the commitment that this member made to its part',
      got: 'another one in its name',
      next: 'show nothing; somebody else signs with the key of this member, or it runs twice',
    });
  }
  const message = signFields(sign, 'cordon/v1/joint-key-blinded', {
    member,
    transcriptHash,
    jointKeyHash,
    targetHash,
    commitmentsHash,
    partHash: held.partHash,
    nonce: held.nonce,
  });
  return { message, bytes: held.bytes };
}
