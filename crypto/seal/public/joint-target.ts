import { toHex } from '../../public/encoding.ts';
import { CryptoError } from '../../public/errors.ts';
import { base64url, checkShape, hash, identifier } from '../../public/shape.ts';
import { checkSigned } from '../../public/signed.ts';
import { JointCiphertext } from './joint-ciphertext.ts';
import type { JointPublicKey } from './joint-key.ts';
import { checkTranscript } from './key-commitment.ts';

/**
 * What the owner of the target says of the last ciphertext: this is the one to open. Without it whoever passes ciphertexts
 * on could have any vector on the way opened in its place.
 */
export type TargetMessage = {
  readonly member: string;
  readonly transcriptHash: string;
  readonly jointKeyHash: string;
  /** SHA-256 of the target's bytes, hex */
  readonly targetHash: string;
  readonly signature: string;
};

/** The message and its ciphertext (`JointCiphertext.toBytes`, target level). */
export interface AnnouncedTarget {
  readonly message: TargetMessage;
  readonly bytes: Uint8Array;
}

/** T, as its owner signed it. */
export class JointTarget implements Disposable {
  readonly jointKey: JointPublicKey;
  readonly ciphertext: JointCiphertext;
  /** SHA-256 of its bytes, hex. */
  readonly hash: string;

  private constructor(jointKey: JointPublicKey, ciphertext: JointCiphertext, digest: string) {
    this.jointKey = jointKey;
    this.ciphertext = ciphertext;
    this.hash = digest;
  }

  /**
   * Checks that the owner whom the transcript names signed this target under this joint key.
   * @throws CryptoError JOINT_KEY_INVALID, SIGNATURE_INVALID, DIGEST_MISMATCH, ENCODING_INVALID
   */
  static verify(jointKey: JointPublicKey, { message, bytes }: AnnouncedTarget): JointTarget {
    const { session } = jointKey;
    const owner = session.transcript.targetOwner;
    checkShape('JOINT_KEY_INVALID', 'target', message, {
      member: identifier,
      transcriptHash: hash,
      jointKeyHash: hash,
      targetHash: hash,
      signature: base64url(64),
    });
    checkTranscript(session, message, 'a target');
    if (message.member !== owner || message.jointKeyHash !== jointKey.hash) {
      throw new CryptoError('JOINT_KEY_INVALID', {
        expected: `a target that ${owner} signed under joint key ${jointKey.hash}`,
        got: `one of ${message.member} under ${message.jointKeyHash}`,
        next: 'blind nothing; only the owner of the target says what is opened',
      });
    }
    checkSigned(session.primitives, session.signKeyOf(owner), 'cordon/v1/joint-key-target', message, {
      who: owner,
      what: 'the target',
    });
    if (toHex(session.primitives.sha256(bytes)) !== message.targetHash) {
      throw new CryptoError('DIGEST_MISMATCH', {
        expected: `the target that ${owner} signed`,
        got: 'other bytes',
        next: 'fetch it again',
      });
    }
    const ciphertext = JointCiphertext.fromBytes(session.context, session.plan.targetLevel, bytes);
    return new JointTarget(jointKey, ciphertext, message.targetHash);
  }

  [Symbol.dispose](): void {
    this.ciphertext[Symbol.dispose]();
  }
}
