import { toHex } from '../../public/encoding.ts';
import { CryptoError } from '../../public/errors.ts';
import { signFields } from '../../public/signed.ts';
import type { Sign } from '../../public/signed.ts';
import type { JointCiphertext } from '../public/joint-ciphertext.ts';
import type { JointPublicKey } from '../public/joint-key.ts';
import type { AnnouncedTarget } from '../public/joint-target.ts';

/**
 * The owner of the target signs the ciphertext that it computed last, for all to blind.
 * @param sign long-term key of the transcript's `targetOwner`
 * @throws CryptoError SHAPE_MISMATCH where the ciphertext is not at the plan's target level
 */
export function announceTarget(
  jointKey: JointPublicKey,
  ciphertext: JointCiphertext,
  sign: Sign,
): AnnouncedTarget {
  const { plan, primitives, hash, transcript } = jointKey.session;
  if (ciphertext.level !== plan.targetLevel) {
    throw new CryptoError('SHAPE_MISMATCH', {
      expected: `a target at level ${plan.targetLevel}`,
      got: `level ${ciphertext.level}`,
      next: 'switch the target to the level of the plan',
    });
  }
  const bytes = ciphertext.toBytes();
  const message = signFields(sign, 'cordon/v1/joint-key-target', {
    member: transcript.targetOwner,
    transcriptHash: hash,
    jointKeyHash: jointKey.hash,
    targetHash: toHex(primitives.sha256(bytes)),
  });
  return { message, bytes };
}
