import initialize from 'node-seal';
import { describe, expect, it } from 'vitest';
import { BINOMIAL_PAIRS, N, PRIMES } from '../../crypto/public/params.ts';
import { CORE_CLASSICAL, CORE_QUANTUM, SIEVE, dualAttack, primalAttack } from './lwe.ts';
import type { LweProblem } from './lwe.ts';

/** Secret and error of one deviation. */
const normal = (n: number, logQ: number, deviation: number, samples = Infinity): LweProblem => ({
  n,
  logQ,
  secretDeviation: deviation,
  errorDeviation: deviation,
  samples,
});

/** Centred binomial with `eta` pairs, q = 3329, as many samples as coefficients of the secret. */
const kyber = (n: number, eta: number) => normal(n, Math.log2(3329), Math.sqrt(eta / 2), n);

const within = (value: number, published: number, tolerance: number): void => {
  expect(Math.abs(value - published), `${value} against ${published}`).toBeLessThanOrEqual(tolerance);
};

describe('the estimate agrees with published ones', () => {
  // CRYSTALS-Kyber, algorithm specifications, version 3.02 (2021), table 4: block size, core-SVP classical and quantum.
  it.each([
    ['Kyber512', 512, 3, 403, 118, 107],
    ['Kyber768', 768, 2, 625, 182, 165],
    ['Kyber1024', 1024, 2, 877, 256, 232],
  ])('%s in the round-3 specification, within 3 blocks and 1 bit', (_, n, eta, beta, classical, quantum) => {
    const primal = primalAttack(kyber(n, eta), CORE_CLASSICAL);
    within(primal.beta, beta, 3);
    within(primal.bits, classical, 1);
    within(primalAttack(kyber(n, eta), CORE_QUANTUM).bits, quantum, 1);
  });

  // lattice-estimator (Albrecht et al.), documented examples of LWE.estimate.rough: usvp of Kyber512 and Kyber768.
  it.each([
    ['Kyber512', 512, 3, 406, 998, 118.6],
    ['Kyber768', 768, 2, 624, 1427, 182.2],
  ])('%s in the lattice-estimator, to the block and to a tenth of a bit', (_, n, eta, beta, d, bits) => {
    const primal = primalAttack(kyber(n, eta), CORE_CLASSICAL);
    expect(primal.beta).toBe(beta);
    within(primal.d, d, 1);
    within(primal.bits, bits, 0.05);
  });

  // Alkim, Ducas, Poeppelmann, Schwabe, "Post-quantum key exchange - a new hope" (2016), table 1.
  it.each([
    ['BCNS', normal(1024, 32, 3.192, 2048), [296, 86], [296, 86]],
    ['NewHope', normal(1024, Math.log2(12289), Math.sqrt(8), 2048), [967, 282], [962, 281]],
    ['JarJar', normal(512, Math.log2(12289), Math.sqrt(12), 1024), [449, 131], [448, 131]],
  ] as const)(
    '%s in the NewHope paper, primal and dual within 2 blocks and 1 bit',
    (_, problem, primal, dual) => {
      for (const [made, [beta, bits]] of [
        [primalAttack(problem, CORE_CLASSICAL), primal],
        [dualAttack(problem, CORE_CLASSICAL), dual],
      ] as const) {
        within(made.beta, beta, 2);
        within(made.bits, bits, 1);
      }
    },
  );

  // Homomorphic Encryption Standard (2018), table 1: ternary secrets, error deviation 8/sqrt(2 pi), column uSVP.
  it.each([
    [1024, 27, 131.6],
    [1024, 19, 193.0],
    [1024, 14, 265.6],
    [2048, 54, 129.7],
    [2048, 37, 197.5],
    [2048, 29, 259.1],
    [4096, 109, 128.1],
    [4096, 75, 194.7],
    [4096, 58, 260.4],
    [8192, 218, 128.5],
    [8192, 152, 192.2],
    [8192, 118, 256.7],
  ])('n = %i with %i bits of q in the homomorphic encryption standard, within 1.5 bits', (n, logQ, bits) => {
    const problem = {
      n,
      logQ,
      secretDeviation: Math.sqrt(2 / 3),
      errorDeviation: 8 / Math.sqrt(2 * Math.PI),
    };
    within(primalAttack(problem, SIEVE).bits, bits, 1.5);
  });

  it("Microsoft SEAL's greatest q for 128, 192 and 256 bits is within 1 bit of those levels or safer, and 10 % more is not safe", async () => {
    const seal = await initialize();
    const { tc128, tc192, tc256 } = seal.SecLevelType;
    for (const n of [1024, 2048, 4096, 8192, 16384, 32768]) {
      for (const [level, bits] of [
        [tc128, 128],
        [tc192, 192],
        [tc256, 256],
      ] as const) {
        const logQ = seal.CoeffModulus.MaxBitCount(n, level);
        const at = (size: number) =>
          primalAttack(
            { n, logQ: size, secretDeviation: Math.sqrt(2 / 3), errorDeviation: 8 / Math.sqrt(2 * Math.PI) },
            SIEVE,
          ).bits;
        expect(at(logQ), `${n}, ${logQ} bits`).toBeGreaterThan(bits - 1);
        expect(at(1.1 * logQ), `${n}, ${logQ} bits and a tenth`).toBeLessThan(bits);
      }
    }
  });
});

describe("the secure sum's parameters", () => {
  const ours = (deviation: number, logQ = PRIMES.reduce((sum, p) => sum + Math.log2(p), 0)) =>
    normal(N, logQ, deviation);
  const fresh = Math.sqrt(BINOMIAL_PAIRS / 2);
  const bits = (problem: LweProblem, model = SIEVE) =>
    Math.min(primalAttack(problem, model).bits, dualAttack(problem, model).bits);

  it('take 160 bits by the model of the homomorphic encryption standard, also when two honest members are left', () => {
    expect(bits(ours(fresh))).toBeGreaterThan(160);
    expect(bits(ours(fresh / Math.SQRT2))).toBeGreaterThan(160);
    expect(bits(ours(fresh / 2))).toBeGreaterThan(159);
  });

  it('take more than the 109 bits of q that the standard allows for 128, in every model', () => {
    const allowed = { ...ours(fresh, 109), secretDeviation: Math.sqrt(2 / 3), errorDeviation: 3.19 };
    for (const model of [CORE_CLASSICAL, CORE_QUANTUM, SIEVE]) {
      expect(bits(ours(fresh / 2), model)).toBeGreaterThan(bits(allowed, model) + 20);
    }
  });

  it('lose by a longer q, gain by a wider error: the estimate goes the right way', () => {
    expect(bits(ours(fresh, 100))).toBeLessThan(bits(ours(fresh, 90)));
    expect(bits(ours(2 * fresh))).toBeGreaterThan(bits(ours(fresh)));
  });
});
