/** One set of BFV parameters; the last prime is SEAL's special prime and carries no ciphertext. */
export interface BfvParameters {
  /** N; a plaintext has N slots, and a slot is one world. */
  readonly degree: number;
  /** NTT primes of the ciphertext modulus, the order in which SEAL holds them; it drops them from the end. */
  readonly primes: readonly bigint[];
  /** Divides the key-level noise away after each encryption; differs from the plain modulus. */
  readonly special: bigint;
  /** Never part of a ciphertext or key: the special prime of the ring calculator (`rns-ring.ts`). */
  readonly helper: bigint;
}

/**
 * The plain modulus of every set: the least prime that is 1 modulo 2N for N = 8,192 and 16,384, so that SEAL can batch N
 * slots. A random nonzero slot value is exactly 16 random bits and one.
 */
export const PLAIN_MODULUS = 65537;

/** SEAL's centred binomial error has 21 pairs of bits: no coefficient is larger. */
export const ERROR_BOUND = 21;

export type ParameterSet = 'worlds8192' | 'worlds16384' | 'worlds16384long';

/**
 * The sets, smallest first. Ternary secrets, 128 bits by the homomorphic encryption standard (Albrecht et al. 2018,
 * tables 1 and 2), also against its quantum estimate, all primes counted, the special one too:
 *
 * | set | bits of q | standard, classical | quantum |
 * | --- | --------: | ------------------: | ------: |
 * | worlds8192 | 188 | 218 | 202 |
 * | worlds16384 | 356 | 438 | 411 |
 * | worlds16384long | 410 | 438 | 411 |
 *
 * What fits is computed, not promised: `plan` bounds the noise in the worst case and refuses what does not. By that bound
 * worlds8192 takes one crossing, worlds16384 six with eight border services each, worlds16384long eight, all with 15
 * members. Primes of 56 bits travel in 7 bytes.
 */
export const BFV_SETS: Readonly<Record<ParameterSet, BfvParameters>> = {
  worlds8192: {
    degree: 8192,
    primes: [72057594037338113n, 72057594037370881n, 72057594037616641n],
    special: 1032193n,
    helper: 1785857n,
  },
  worlds16384: {
    degree: 16384,
    primes: [
      72057594035306497n,
      72057594036256769n,
      72057594036551681n,
      72057594036879361n,
      72057594037338113n,
      72057594037370881n,
    ],
    special: 786433n,
    helper: 1769473n,
  },
  worlds16384long: {
    degree: 16384,
    primes: [
      72057594034913281n,
      72057594035306497n,
      72057594036256769n,
      72057594036551681n,
      72057594036879361n,
      72057594037338113n,
      72057594037370881n,
    ],
    special: 163841n,
    helper: 1769473n,
  },
};

export const PARAMETER_SETS: readonly ParameterSet[] = ['worlds8192', 'worlds16384', 'worlds16384long'];
