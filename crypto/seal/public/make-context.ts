import type { SEALContext } from 'node-seal';
import { CryptoError } from '../../public/errors.ts';
import type { Seal } from './runtime.ts';

/** What SEAL calls encryption parameters; the last prime is the special one. */
export interface ContextChoice {
  readonly scheme: 'bfv' | 'ckks';
  readonly degree: number;
  readonly primes: readonly bigint[];
  /** BFV only. */
  readonly plainModulus?: number;
}

/**
 * A SEAL context with all its levels; the caller disposes of it. BFV must pass SEAL's own check for 128 bits.
 * @throws CryptoError CONFIG_INVALID where SEAL does not take the parameters
 */
export function makeContext(seal: Seal, choice: ContextChoice): SEALContext {
  const { scheme, degree, primes, plainModulus } = choice;
  using parameters = new seal.EncryptionParameters(seal.SchemeType[scheme]);
  parameters.setPolyModulusDegree(degree);
  using moduli = new seal.VectorModulus();
  for (const prime of primes) {
    using modulus = new seal.Modulus(prime);
    moduli.push_back(modulus);
  }
  parameters.setCoeffModulus(moduli);
  if (plainModulus !== undefined) {
    using modulus = new seal.Modulus(BigInt(plainModulus));
    parameters.setPlainModulus(modulus);
  }
  const security = scheme === 'bfv' ? seal.SecLevelType.tc128 : seal.SecLevelType.none;
  const context = new seal.SEALContext(parameters, true, security);
  if (context.parametersSet()) return context;
  context.delete();
  throw new CryptoError('CONFIG_INVALID', {
    expected: 'parameters that SEAL takes, at its 128-bit level',
    got: `${scheme}, N = ${degree}, ${primes.length} primes`,
    next: 'take one of the parameter sets of crypto/seal/public/parameters.ts',
  });
}
