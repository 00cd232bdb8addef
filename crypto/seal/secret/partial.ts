import { toHex } from '../../public/encoding.ts';
import type { RandomBytes } from '../../public/primitives.ts';
import { signFields } from '../../public/signed.ts';
import type { Sign } from '../../public/signed.ts';
import type { SummedTarget } from '../public/blinded-target.ts';
import type { PartialShare } from '../public/partial-decryption.ts';
import { packResidues } from '../public/residues.ts';
import type { Multiplier } from '../public/rns-ring.ts';
import { sampleSmudging } from './smudging.ts';

/**
 * c1*s_i + e with fresh smudging noise e, NTT form, final level, signed. Without e a partial decryption is an exact linear
 * equation in s_i, and even rounded ones add up to the key (Li-Micciancio 2021; Checri et al. 2024 for exact schemes).
 * For `JointShareSecret.answer` alone, which sees to it that it happens once.
 */
export function decryptPartially(
  target: SummedTarget,
  member: string,
  timesSecret: Multiplier,
  random: RandomBytes,
  sign: Sign,
): PartialShare {
  const { session, hash: jointKeyHash } = target.jointKey;
  const { context, plan, primitives } = session;
  const { degree } = context.parameters;
  const primes = context.primesAt(plan.finalLevel);
  const [, c1] = target.ciphertext.residues();
  const noise = sampleSmudging(random, degree, primes, plan.smudgingBits);
  const [noiseHat, c1Hat] = context.ring.toNtt(noise, c1);
  const partial = timesSecret.apply(noiseHat, c1Hat);
  noise.fill(0n);
  noiseHat.fill(0n);
  const bytes = packResidues(partial, degree, primes);
  const message = signFields(sign, 'cordon/v1/joint-key-partial', {
    member,
    transcriptHash: session.hash,
    jointKeyHash,
    sumHash: target.hash,
    partialHash: toHex(primitives.sha256(bytes)),
  });
  return { message, bytes };
}
