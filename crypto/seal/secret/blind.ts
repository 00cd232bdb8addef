import { toHex } from '../../public/encoding.ts';
import type { RandomBytes } from '../../public/primitives.ts';
import { signFields } from '../../public/signed.ts';
import type { Sign } from '../../public/signed.ts';
import type { BlindedPart } from '../public/blinded-target.ts';
import { encodeMask, maskedSum, prepare } from '../public/evaluate.ts';
import type { Slots } from '../public/evaluate.ts';
import type { JointTarget } from '../public/joint-target.ts';
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

/**
 * r * T + Enc(0), signed. A nonzero slot of T becomes a uniform nonzero value, a zero slot stays zero; Enc(0) hides r from
 * whoever knows T and the result. The sum over the members is zero by chance in one of about 65,537 nonzero slots.
 */
export function blind(
  encryptor: JointEncryptor,
  { ciphertext, hash: targetHash }: JointTarget,
  member: string,
  random: RandomBytes,
  sign: Sign,
): BlindedPart {
  const { jointKey } = encryptor;
  const { context, primitives, hash } = jointKey.session;
  const slots = sampleNonzero(random, context.parameters.degree);
  try {
    using factor = prepare(ciphertext);
    using mask = encodeMask(context, ciphertext.level, slots);
    using zero = encryptor.encryptZero(ciphertext.level);
    using part = maskedSum(context, [{ factor, mask }], [zero]);
    const bytes = part.toBytes();
    const message = signFields(sign, 'cordon/v1/joint-key-blinded', {
      member,
      transcriptHash: hash,
      jointKeyHash: jointKey.hash,
      targetHash,
      partHash: toHex(primitives.sha256(bytes)),
    });
    return { message, bytes };
  } finally {
    slots.fill(0);
  }
}
