import { toHex } from '../../public/encoding.ts';
import { CryptoError } from '../../public/errors.ts';
import { base64url, checkShape, hash, identifier } from '../../public/shape.ts';
import { checkSigned } from '../../public/signed.ts';
import { addAll, switchTo } from './evaluate.ts';
import { JointCiphertext } from './joint-ciphertext.ts';
import type { JointPublicKey } from './joint-key.ts';
import type { JointTarget } from './joint-target.ts';
import { checkEachOnce, checkTranscript } from './key-commitment.ts';
import { aggregatePartCommitments, partCommitmentOf } from './part-commitment.ts';
import type { PartCommitment } from './part-commitment.ts';

/**
 * A member's part of what will be opened: r_i * T + Enc(0), with a random nonzero r_i in every slot; shown once the
 * commitments of all members are there.
 */
export type BlindedTarget = {
  readonly member: string;
  readonly transcriptHash: string;
  readonly jointKeyHash: string;
  /** SHA-256 of the target's bytes, hex */
  readonly targetHash: string;
  /** `aggregatePartCommitments`: what it saw before it showed its part */
  readonly commitmentsHash: string;
  /** SHA-256 of this part's bytes, hex */
  readonly partHash: string;
  /** base64url, 32 bytes */
  readonly nonce: string;
  readonly signature: string;
};

/** The message and its ciphertext (`JointCiphertext.toBytes`, target level). */
export interface BlindedPart {
  readonly message: BlindedTarget;
  readonly bytes: Uint8Array;
}

/**
 * The one ciphertext that the members open: the sum of all signed parts, at the final level. It can only be made by adding
 * them up oneself; what somebody sends as 'the sum' has no way to a partial decryption.
 */
export class SummedTarget implements Disposable {
  readonly jointKey: JointPublicKey;
  readonly ciphertext: JointCiphertext;
  /** SHA-256 of the ciphertext's bytes, hex. */
  readonly hash: string;
  /** `aggregatePartCommitments` of what the parts were held to. */
  readonly commitmentsHash: string;
  /** Part hashes of the members, by id. */
  readonly parts: ReadonlyMap<string, string>;

  private constructor(
    jointKey: JointPublicKey,
    ciphertext: JointCiphertext,
    hash: string,
    { commitmentsHash, parts }: Pick<SummedTarget, 'commitmentsHash' | 'parts'>,
  ) {
    this.jointKey = jointKey;
    this.ciphertext = ciphertext;
    this.hash = hash;
    this.commitmentsHash = commitmentsHash;
    this.parts = parts;
  }

  /**
   * Verifies the parts of all members, each against its commitment, adds them and switches the sum to the final level.
   * @throws CryptoError JOINT_KEY_INVALID, SIGNATURE_INVALID, DIGEST_MISMATCH, ENCODING_INVALID
   */
  static aggregate(
    target: JointTarget,
    commitments: readonly PartCommitment[],
    parts: readonly BlindedPart[],
  ): SummedTarget {
    const { jointKey } = target;
    const { session } = jointKey;
    const { context, plan, primitives } = session;
    const commitmentsHash = aggregatePartCommitments(target, commitments);
    checkEachOnce(
      session,
      parts.map(({ message }) => message),
      'blinded target',
    );
    using stack = new DisposableStack();
    // in roster order, so that every party has the same bytes
    const ciphertexts = session.transcript.members.map((id) => {
      const part = parts.find(({ message }) => message.member === id);
      if (part === undefined) throw new RangeError(id);
      verifyBlindedPart(target, part, commitments, commitmentsHash);
      return stack.use(JointCiphertext.fromBytes(context, plan.targetLevel, part.bytes));
    });
    const sum = stack.use(addAll(context, ciphertexts));
    const final = switchTo(sum, plan.finalLevel);
    const hashes = new Map(parts.map(({ message }) => [message.member, message.partHash]));
    const digest = toHex(primitives.sha256(final.toBytes()));
    return new SummedTarget(jointKey, final, digest, { commitmentsHash, parts: hashes });
  }

  [Symbol.dispose](): void {
    this.ciphertext[Symbol.dispose]();
  }
}

function verifyBlindedPart(
  target: JointTarget,
  { message, bytes }: BlindedPart,
  commitments: readonly PartCommitment[],
  commitmentsHash: string,
): void {
  const { session, hash: jointKeyHash } = target.jointKey;
  const { primitives } = session;
  checkShape('JOINT_KEY_INVALID', 'blinded target', message, {
    member: identifier,
    transcriptHash: hash,
    jointKeyHash: hash,
    targetHash: hash,
    commitmentsHash: hash,
    partHash: hash,
    nonce: base64url(32),
    signature: base64url(64),
  });
  const { member } = message;
  checkTranscript(session, message, 'a blinded target');
  checkSigned(primitives, session.signKeyOf(member), 'cordon/v1/joint-key-blinded', message, {
    who: member,
    what: 'its blinded target',
  });
  const need = (ok: boolean, expected: string, got: string): void => {
    if (ok) return;
    throw new CryptoError('JOINT_KEY_INVALID', { expected, got, next: 'open nothing; begin a new query' });
  };
  need(
    message.jointKeyHash === jointKeyHash && message.targetHash === target.hash,
    `target ${target.hash} blinded under joint key ${jointKeyHash}`,
    `another one from ${member}`,
  );
  need(
    message.commitmentsHash === commitmentsHash,
    `${member} to have seen the same commitments to blinded targets`,
    'others, or a commitment that changed',
  );
  const commitment = partCommitmentOf(primitives, message);
  need(
    commitments.some((one) => one.member === member && one.commitment === commitment),
    `the part that ${member} committed to`,
    'another part or nonce',
  );
  if (toHex(primitives.sha256(bytes)) !== message.partHash) {
    throw new CryptoError('DIGEST_MISMATCH', {
      expected: `the ciphertext that ${member} signed`,
      got: 'other bytes',
      next: 'fetch it again',
    });
  }
}
