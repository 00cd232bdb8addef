import { CryptoError } from '../public/errors.ts';
import { BINOMIAL_PAIRS, SHARE_PRIME } from '../public/params.ts';
import type { PublicPrimitives, RandomBytes } from '../public/primitives.ts';
import { wipeableBytes } from '../public/wipeable.ts';
import { SAMPLER_BYTES, sampleKey } from './kernels/ring.ts';
import { shareSecret } from './shares.ts';
import type { Sharing } from './shares.ts';
import { VectorEncryption, type MovableSecrets, type VectorShape } from './vector-encryption.ts';

/**
 * sampled -> encrypting -> encrypted -> shared, each step once; erased from anywhere, and final. Two vectors under one
 * key would give c - c' = m - m' + T*(e - e'), the difference of the plaintexts: no step can be repeated or skipped.
 */
export type KeyStep = 'sampled' | 'encrypting' | 'encrypted' | 'shared' | 'erased';

/** The one vector of a key, chunk after chunk; `encryptVector` drives it. */
export interface VectorPass {
  /**
   * Encrypts the next chunk; the chunk's number counts up from 0 by itself.
   * Whatever it throws, the key is erased then.
   * @throws CryptoError KEY_SPENT after the last, VALUE_OUT_OF_RANGE naming the index in the vector
   */
  next(values: Uint32Array): Uint8Array;
  /** Ends the pass: a key whose vector is not whole is erased. */
  end(): void;
}

/** The one vector of a key in other hands; `EncryptionThreads` has them. */
export interface HandedOver {
  /** One copy a thread: to be moved there, used for chunks that no other thread gets, and wiped there. */
  readonly secrets: readonly MovableSecrets[];
  /** @throws CryptoError KEY_SPENT once the key was erased: nothing of the vector may leave then */
  check(): void;
  /** Every chunk is encrypted, once. */
  finish(): void;
  /** As `VectorPass.end`. */
  end(): void;
}

/** A member's key k of one round: encrypts one vector, is shared once with the committee, then erased. */
export class OneTimeKey {
  #step: KeyStep = 'sampled';
  readonly #random: RandomBytes;
  readonly #samples: Uint8Array;
  readonly #hat: Uint32Array<ArrayBuffer>;
  readonly #noiseSeed: Uint8Array;
  /** Overwrites what only the vector needs. */
  #endVector = (): void => undefined;

  private constructor(random: RandomBytes) {
    this.#random = random;
    const bits = random(SAMPLER_BYTES);
    const { samples, hat } = sampleKey(bits);
    bits.fill(0);
    this.#samples = samples;
    this.#hat = hat;
    this.#noiseSeed = random(32);
  }

  /** A fresh key: k centred binomial with 41 pairs, and an independent 32-byte seed for the errors. */
  static sample(random: RandomBytes): OneTimeKey {
    return new OneTimeKey(random);
  }

  /** Where this key stands. */
  get step(): KeyStep {
    return this.#step;
  }

  /**
   * Begins the one vector of this key; use `encryptVector`, which checks the values first.
   * @throws CryptoError KEY_SPENT unless the key is freshly sampled
   */
  startVector(primitives: PublicPrimitives, chunks: number, shape: VectorShape): VectorPass {
    this.#require('sampled');
    VectorEncryption.check(chunks, shape.group); // refuses impossible numbers before the key is spent
    const secrets = { hat: this.#hat, noiseSeed: this.#noiseSeed };
    const encryption = new VectorEncryption(primitives, secrets, shape);
    this.#step = 'encrypting';
    this.#noiseSeed.fill(0);
    this.#endVector = () => {
      encryption.end();
      this.#hat.fill(0);
    };
    let next = 0;
    return {
      next: (values) => {
        this.#require('encrypting');
        try {
          const packed = encryption.chunk(next++, values);
          if (next === chunks) this.#finish();
          return packed;
        } catch (error) {
          this.erase();
          throw error;
        }
      },
      end: () => {
        this.#abandon();
      },
    };
  }

  /**
   * As `startVector`, for `EncryptionThreads`: this object keeps nothing that encrypts.
   * @throws CryptoError KEY_SPENT unless the key is freshly sampled
   */
  handOver(threads: number, chunks: number, group: number): HandedOver {
    this.#require('sampled');
    VectorEncryption.check(chunks, group);
    this.#step = 'encrypting';
    const secrets = Array.from({ length: threads }, () => {
      const noiseSeed = wipeableBytes(this.#noiseSeed.length);
      noiseSeed.set(this.#noiseSeed);
      return { hat: this.#hat.slice(), noiseSeed };
    });
    this.#noiseSeed.fill(0);
    this.#hat.fill(0);
    return {
      secrets,
      check: () => {
        this.#require('encrypting');
      },
      finish: () => {
        this.#require('encrypting');
        this.#finish();
      },
      end: () => {
        this.#abandon();
      },
    };
  }

  /**
   * Shares k with the committee, t of m; see `shareSecret` for the shares and the errors.
   * @throws CryptoError KEY_SPENT unless the whole vector was encrypted and k was not shared before
   */
  split(primitives: PublicPrimitives, threshold: number, committee: readonly number[]): Sharing {
    this.#require('encrypted');
    const secret = new Uint32Array(this.#samples.length);
    for (let i = 0; i < secret.length; i++) {
      const k = (this.#samples[i] ?? 0) - BINOMIAL_PAIRS;
      secret[i] = k + (SHARE_PRIME & (k >> 31)); // the sign is the mask: no branch on a secret
    }
    try {
      const sharing = shareSecret(primitives, this.#random, secret, threshold, committee);
      this.#step = 'shared';
      return sharing;
    } finally {
      secret.fill(0);
    }
  }

  /**
   * Overwrites k, its transforms and the noise seed, from whatever step. Copies that the engine may have made (a moved
   * backing store, spilled registers, a page swapped out) and AES key schedules inside the library are beyond its reach.
   */
  erase(): void {
    this.#step = 'erased';
    this.#endVector();
    this.#samples.fill(0);
    this.#hat.fill(0);
    this.#noiseSeed.fill(0);
  }

  #finish(): void {
    this.#step = 'encrypted';
    this.#endVector();
  }

  #abandon(): void {
    if (this.#step === 'encrypting') this.erase();
  }

  #require(step: KeyStep): void {
    if (this.#step === step) return;
    throw new CryptoError('KEY_SPENT', {
      expected: `a key that is ${step}`,
      got: `one that is ${this.#step}`,
      next: 'sample a new key for every vector of every round',
    });
  }
}
