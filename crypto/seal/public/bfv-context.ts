import type { BatchEncoder, Evaluator, ParmsIdType, SEALContext } from 'node-seal';
import { CryptoError } from '../../public/errors.ts';
import { levelsOf } from './levels.ts';
import type { Level } from './levels.ts';
import { makeContext } from './make-context.ts';
import { BFV_SETS, PLAIN_MODULUS } from './parameters.ts';
import type { BfvParameters, ParameterSet } from './parameters.ts';
import { RnsRing } from './rns-ring.ts';
import { loadSeal } from './runtime.ts';
import type { Seal } from './runtime.ts';

/**
 * Everything of SEAL that a parameter set needs and that holds no key: made once a process (about 0.7 s of CPU for
 * N = 8,192, 3 s for N = 16,384: SEAL looks for the least roots of unity), used by every query, disposed of at the end.
 */
export class BfvContext implements Disposable {
  readonly set: ParameterSet;
  readonly parameters: BfvParameters;
  readonly seal: Seal;
  readonly context: SEALContext;
  readonly evaluator: Evaluator;
  readonly encoder: BatchEncoder;
  readonly ring: RnsRing;
  readonly keyLevel: Level;
  readonly #owned: DisposableStack;
  readonly #levels: readonly Level[];

  private constructor(seal: Seal, set: ParameterSet) {
    using owned = new DisposableStack();
    this.set = set;
    this.seal = seal;
    this.parameters = BFV_SETS[set];
    const { degree, primes, special } = this.parameters;
    this.context = owned.use(
      makeContext(seal, {
        scheme: 'bfv',
        degree,
        primes: [...primes, special],
        plainModulus: PLAIN_MODULUS,
      }),
    );
    this.evaluator = owned.use(new seal.Evaluator(this.context));
    this.encoder = owned.use(new seal.BatchEncoder(this.context));
    const { key, data } = levelsOf(this.context);
    this.keyLevel = owned.use(key);
    for (const level of data) owned.use(level);
    this.#levels = data;
    this.ring = owned.use(new RnsRing(seal, this.parameters));
    this.#owned = owned.move();
  }

  static async create(set: ParameterSet): Promise<BfvContext> {
    return new BfvContext(await loadSeal(), set);
  }

  /** The primes of the key level: those of ciphertexts, then the special one. */
  get keyPrimes(): readonly bigint[] {
    return this.ring.primes;
  }

  /** The primes that are left at a level. */
  primesAt(level: number): readonly bigint[] {
    return this.parameters.primes.slice(0, level);
  }

  /** SEAL's handle of the level with so many primes. @throws CryptoError SHAPE_MISMATCH where there is none */
  level(primes: number): Level {
    const level = this.#levels.find((one) => one.primes === primes);
    if (level !== undefined) return level;
    throw new CryptoError('SHAPE_MISMATCH', {
      expected: `a level of 1 to ${this.parameters.primes.length} primes`,
      got: String(primes),
      next: 'take the levels of the plan',
    });
  }

  parmsId(primes: number): ParmsIdType {
    return this.level(primes).parmsId;
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}
