import { toHex } from '../../public/encoding.ts';
import { CryptoError } from '../../public/errors.ts';
import { base64url, checkShape, hash, identifier } from '../../public/shape.ts';
import { checkSigned } from '../../public/signed.ts';
import { addAll, switchTo } from './evaluate.ts';
import { JointCiphertext } from './joint-ciphertext.ts';
import type { JointPublicKey } from './joint-key.ts';
import type { JointTarget } from './joint-target.ts';
import { checkEachOnce, checkTranscript } from './key-commitment.ts';

/** A member's part of what will be opened: r_i * T + Enc(0), with a random nonzero r_i in every slot. */
export type BlindedTarget = {
  readonly member: string;
  readonly transcriptHash: string;
  readonly jointKeyHash: string;
  /** SHA-256 of the target's bytes, hex */
  readonly targetHash: string;
  /** SHA-256 of this part's bytes, hex */
  readonly partHash: string;
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
  /** Part hashes of the members, by id. */
  readonly parts: ReadonlyMap<string, string>;

  private constructor(
    jointKey: JointPublicKey,
    ciphertext: JointCiphertext,
    hash: string,
    parts: ReadonlyMap<string, string>,
  ) {
    this.jointKey = jointKey;
    this.ciphertext = ciphertext;
    this.hash = hash;
    this.parts = parts;
  }

  /**
   * Verifies the parts of all members, adds them and switches the sum to the final level.
   * @throws CryptoError JOINT_KEY_INVALID, SIGNATURE_INVALID, DIGEST_MISMATCH, ENCODING_INVALID
   */
  static aggregate(target: JointTarget, parts: readonly BlindedPart[]): SummedTarget {
    const { jointKey } = target;
    const { session } = jointKey;
    const { context, plan, primitives } = session;
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
      verifyBlindedPart(target, part);
      return stack.use(JointCiphertext.fromBytes(context, plan.targetLevel, part.bytes));
    });
    const sum = stack.use(addAll(context, ciphertexts));
    const final = switchTo(sum, plan.finalLevel);
    const hashes = new Map(parts.map(({ message }) => [message.member, message.partHash]));
    const digest = toHex(primitives.sha256(final.toBytes()));
    return new SummedTarget(jointKey, final, digest, hashes);
  }

  [Symbol.dispose](): void {
    this.ciphertext[Symbol.dispose]();
  }
}

function verifyBlindedPart(target: JointTarget, { message, bytes }: BlindedPart): void {
  const { session, hash: jointKeyHash } = target.jointKey;
  checkShape('JOINT_KEY_INVALID', 'blinded target', message, {
    member: identifier,
    transcriptHash: hash,
    jointKeyHash: hash,
    targetHash: hash,
    partHash: hash,
    signature: base64url(64),
  });
  checkTranscript(session, message, 'a blinded target');
  checkSigned(session.primitives, session.signKeyOf(message.member), 'cordon/v1/joint-key-blinded', message, {
    who: message.member,
    what: 'its blinded target',
  });
  if (message.jointKeyHash !== jointKeyHash || message.targetHash !== target.hash) {
    throw new CryptoError('JOINT_KEY_INVALID', {
      expected: `target ${target.hash} blinded under joint key ${jointKeyHash}`,
      got: `another one from ${message.member}`,
      next: 'open nothing; begin a new query',
    });
  }
  if (toHex(session.primitives.sha256(bytes)) !== message.partHash) {
    throw new CryptoError('DIGEST_MISMATCH', {
      expected: `the ciphertext that ${message.member} signed`,
      got: 'other bytes',
      next: 'fetch it again',
    });
  }
}
