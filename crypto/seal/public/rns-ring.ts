import type { Ciphertext, Evaluator, SEALContext, SecretKey } from 'node-seal';
import { CryptoError } from '../../public/errors.ts';
import { levelsOf } from './levels.ts';
import type { Level } from './levels.ts';
import { makeContext } from './make-context.ts';
import type { BfvParameters } from './parameters.ts';
import type { Residues } from './residues.ts';
import { accepted, filled } from './runtime.ts';
import type { Seal } from './runtime.ts';
import { ciphertextBytes, ciphertextResidues, plaintextResidues, secretKeyBytes } from './serial.ts';
import { savedBytes } from './saved.ts';

/** Computes `c0 + c1 * k` for one fixed polynomial k. */
export interface Multiplier extends Disposable {
  /** All NTT, at the level that the lengths say. @throws CryptoError ENCODING_INVALID for residues that SEAL refuses */
  apply(c0: Residues, c1: Residues): Residues;
}

/** Gives a key of the ring's context, which then belongs to the ring. */
export type MakeKey = (seal: Seal, context: SEALContext) => SecretKey;

/**
 * Exact arithmetic in Z_q[X]/(X^N + 1) for every level of a BFV set, by SEAL: a CKKS context over the same primes (the
 * special one included; a helper prime takes its place as the one SEAL keeps for keys). CKKS decryption is c0 + c1*s and no
 * rounding, and its ciphertexts are pairs of polynomials. It is a calculator: nothing is encrypted with it, so its own
 * security level does not matter. Making one takes SEAL 0.3 s (N = 8,192) to 1.8 s: once a process and set.
 */
export class RnsRing implements Disposable {
  readonly degree: number;
  /** Ciphertext primes, then the special prime. */
  readonly primes: readonly bigint[];
  readonly #seal: Seal;
  readonly #owned: DisposableStack;
  readonly #context: SEALContext;
  readonly #evaluator: Evaluator;
  readonly #key: Level;
  readonly #levels: readonly Level[];

  constructor(seal: Seal, { degree, primes, special, helper }: BfvParameters) {
    using owned = new DisposableStack();
    this.#seal = seal;
    this.degree = degree;
    this.primes = [...primes, special];
    this.#context = owned.use(
      makeContext(seal, { scheme: 'ckks', degree, primes: [...this.primes, helper] }),
    );
    this.#evaluator = owned.use(new seal.Evaluator(this.#context));
    const { key, data } = levelsOf(this.#context);
    this.#key = owned.use(key);
    for (const level of data) owned.use(level);
    this.#levels = data;
    this.#owned = owned.move();
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }

  /** NTT of two polynomials at once; the second must not be zero. */
  toNtt(c0: Residues, c1: Residues): [Residues, Residues] {
    using pair = this.#load(c0, c1, false);
    accepted(this.#seal, 'polynomials', () => this.#evaluator.cipherTransformToNttInplace(pair));
    return ciphertextResidues(savedBytes(this.#seal, pair));
  }

  /** The inverse of `toNtt`. */
  fromNtt(c0: Residues, c1: Residues): [Residues, Residues] {
    using pair = this.#load(c0, c1, true);
    accepted(this.#seal, 'polynomials', () => this.#evaluator.cipherTransformFromNttInplace(pair));
    return ciphertextResidues(savedBytes(this.#seal, pair));
  }

  /** The sum of polynomials of one level, all in the same form; not zero. @throws CryptoError ENCODING_INVALID for a zero sum */
  sum(polynomials: readonly Residues[]): Residues {
    const [first, ...others] = polynomials;
    if (first === undefined) throw new RangeError('a sum of no polynomials');
    using total = this.#load(first, first, true);
    for (const other of others) {
      using one = this.#load(other, other, true);
      accepted(this.#seal, 'polynomials', () => this.#evaluator.addInplace(total, one));
    }
    return ciphertextResidues(savedBytes(this.#seal, total))[0];
  }

  negate(polynomial: Residues): Residues {
    using pair = this.#load(polynomial, polynomial, true);
    this.#evaluator.negateInplace(pair);
    return ciphertextResidues(savedBytes(this.#seal, pair))[0];
  }

  /** Multiplies by a public polynomial, given in NTT form for all primes. */
  multiplier(polynomial: Residues): Multiplier {
    const residues = new BigUint64Array(polynomial.length + this.degree); // zero for the helper prime
    residues.set(polynomial);
    const bytes = secretKeyBytes(this.#key.parmsIdBytes, residues);
    return this.keyedMultiplier((seal, context) =>
      filled(new seal.SecretKey(), (empty) => {
        accepted(seal, 'a polynomial', () => empty.loadFromArray(context, bytes));
      }),
    );
  }

  /**
   * Multiplies by the polynomial that SEAL holds as a key of this context. The key is disposed of; a copy lives inside the
   * multiplier, in memory that SEAL overwrites when it is freed, and no method gives it out.
   */
  keyedMultiplier(makeKey: MakeKey): Multiplier {
    using key = makeKey(this.#seal, this.#context);
    const decryptor = new this.#seal.Decryptor(this.#context, key);
    return {
      apply: (c0, c1) => {
        using pair = this.#load(c0, c1, true);
        using result = new this.#seal.Plaintext();
        decryptor.decrypt(pair, result);
        return plaintextResidues(savedBytes(this.#seal, result));
      },
      [Symbol.dispose]: () => decryptor.delete(),
    };
  }

  #load(c0: Residues, c1: Residues, ntt: boolean): Ciphertext {
    const level = this.#levels.find(({ primes }) => primes * this.degree === c0.length);
    if (level === undefined || c1.length !== c0.length) {
      throw new CryptoError('SHAPE_MISMATCH', {
        expected: `two polynomials of ${this.degree} coefficients, at most ${this.primes.length} primes`,
        got: `${c0.length} and ${c1.length} residues`,
        next: 'compute at one level',
      });
    }
    const bytes = ciphertextBytes(level.parmsIdBytes, ntt, this.degree, [c0, c1]);
    return filled(new this.#seal.Ciphertext(), (empty) => {
      accepted(this.#seal, 'a polynomial', () => empty.loadFromArray(this.#context, bytes));
    });
  }
}
