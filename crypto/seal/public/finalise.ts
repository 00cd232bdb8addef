import type { SecretKey } from 'node-seal';
import { CryptoError } from '../../public/errors.ts';
import type { BfvContext } from './bfv-context.ts';
import type { SummedTarget } from './blinded-target.ts';
import type { Slots } from './evaluate.ts';
import { JointCiphertext } from './joint-ciphertext.ts';
import { verifyPartial } from './partial-decryption.ts';
import type { PartialShare } from './partial-decryption.ts';
import type { Residues } from './residues.ts';
import { filled } from './runtime.ts';
import { secretKeyBytes } from './serial.ts';

/**
 * Opens the sum: verifies the partial decryptions of all members, adds them to c0, and lets SEAL round and decode the result
 * with a key of zero: every secret part is in the partials already, so that this is anybody's arithmetic.
 * @returns the slots of the sum, modulo 65,537
 * @throws CryptoError COMMITTEE_UNAVAILABLE where a partial is missing or doubled (nothing can be read without it),
 *   NOISE_CHECK_FAILED where the sum is noisier than honest parts can make it; what `verifyPartial` throws
 */
export function finalise(target: SummedTarget, partials: readonly PartialShare[]): Slots {
  const { session } = target.jointKey;
  const { members } = session.transcript;
  const missing = members.find((id) => partials.filter(({ message }) => message.member === id).length !== 1);
  if (missing !== undefined || partials.length !== members.length) {
    throw new CryptoError('COMMITTEE_UNAVAILABLE', {
      expected: `one partial decryption of each of ${members.join(', ')}`,
      got: `${partials.length}, ${missing ?? 'a stranger'} not exactly once`,
      next: 'wait for it; without it nothing opens: begin a query without that member',
    });
  }
  const { slots, budgetBits } = combine(
    target,
    partials.map((partial) => verifyPartial(target, partial)),
  );
  if (budgetBits < session.plan.budgetBits) {
    throw new CryptoError('NOISE_CHECK_FAILED', {
      expected: `a noise budget of at least ${session.plan.budgetBits} bits`,
      got: `${budgetBits}`,
      next: 'discard it: a member deviated or a message was damaged; begin a new query',
    });
  }
  return slots;
}

/** c0 + the partials, rounded and decoded; with a partial missing this is noise, and its budget is 0. */
export function combine(
  target: SummedTarget,
  partials: readonly Residues[],
): { slots: Slots; budgetBits: number } {
  const { context } = target.jointKey.session;
  const { ring } = context;
  const [c0, c1] = target.ciphertext.residues();
  const [c0Hat, c1Hat] = ring.toNtt(c0, c1);
  const [opened] = ring.fromNtt(ring.sum([c0Hat, ...partials]), c1Hat);
  using ciphertext = JointCiphertext.fromResidues(context, target.ciphertext.level, opened, c1);
  using key = zeroKey(context);
  using decryptor = new context.seal.Decryptor(context.context, key);
  using plain = new context.seal.Plaintext();
  decryptor.decrypt(ciphertext.handle, plain);
  const decoded: unknown = context.encoder.decodeBigUint64(plain);
  if (!(decoded instanceof BigUint64Array)) throw new TypeError('SEAL decodes to a BigUint64Array');
  return {
    slots: Uint32Array.from(decoded, Number),
    budgetBits: decryptor.invariantNoiseBudget(ciphertext.handle),
  };
}

function zeroKey(context: BfvContext): SecretKey {
  const zeros = new BigUint64Array(context.parameters.degree * context.keyPrimes.length);
  return filled(new context.seal.SecretKey(), (empty) => {
    empty.loadFromArray(context.context, secretKeyBytes(context.keyLevel.parmsIdBytes, zeros));
  });
}
