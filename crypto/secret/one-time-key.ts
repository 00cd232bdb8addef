import { CryptoError } from '../public/errors.ts';
import { publicPolynomials, streamStart } from '../public/expand.ts';
import { BINOMIAL_PAIRS, SHARE_PRIME } from '../public/params.ts';
import type { LayoutName } from '../public/params.ts';
import type { PublicPrimitives, RandomBytes } from '../public/primitives.ts';
import { secretKeyStream } from './key-stream.ts';
import { SAMPLER_BYTES, encryptChunk, sampleKey } from './kernels/ring.ts';
import { shareSecret } from './shares.ts';
import type { SecretShare } from './shares.ts';

/**
 * sampled -> encrypting -> encrypted -> shared, each step once; erased from anywhere, and final. Two vectors under one
 * key would give c - c' = m - m' + T*(e - e'), the difference of the plaintexts: no step can be repeated or skipped.
 */
export type KeyStep = 'sampled' | 'encrypting' | 'encrypted' | 'shared' | 'erased';

/** Streams of the error start with this in place of a prime's index. */
const ERROR_PURPOSE = 255;

/** The one vector of a key, chunk after chunk; `encryptVector` drives it. */
export interface VectorPass {
  /** Encrypts the next chunk; the chunk's number counts up from 0 by itself. @throws CryptoError KEY_SPENT after the last */
  next(values: Uint32Array): Uint8Array;
}

/** A member's key k of one round: encrypts one vector, is shared once with the committee, then erased. */
export class OneTimeKey {
  #step: KeyStep = 'sampled';
  readonly #random: RandomBytes;
  readonly #samples: Uint8Array;
  readonly #hat: Uint32Array;
  readonly #noiseSeed: Uint8Array;

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
  startVector(
    primitives: PublicPrimitives,
    transcriptHash: Uint8Array,
    layout: LayoutName,
    chunks: number,
    group: number,
  ): VectorPass {
    this.#require('sampled');
    const polynomials = publicPolynomials(primitives, transcriptHash);
    streamStart(chunks, ERROR_PURPOSE, group); // refuses impossible numbers before the key is spent
    this.#step = 'encrypting';
    let chunk = 0;
    return {
      next: (values) => {
        this.#require('encrypting');
        const errorBits = secretKeyStream(
          this.#noiseSeed,
          streamStart(chunk, ERROR_PURPOSE, group),
          SAMPLER_BYTES,
        );
        const publicHat = polynomials.chunk(chunk, group);
        // Counted before the encryption: a chunk that fails half-way is not encrypted again.
        chunk++;
        if (chunk === chunks) this.#step = 'encrypted';
        try {
          return encryptChunk({ keyHat: this.#hat, publicHat, errorBits, layout, values });
        } finally {
          errorBits.fill(0);
        }
      },
    };
  }

  /**
   * Shares k with the committee, t of m; see `shareSecret` for the shares and the errors.
   * @throws CryptoError KEY_SPENT unless the whole vector was encrypted and k was not shared before
   */
  split(threshold: number, committee: readonly number[]): SecretShare[] {
    this.#require('encrypted');
    const secret = new Uint32Array(this.#samples.length);
    for (let i = 0; i < secret.length; i++) {
      const k = (this.#samples[i] ?? 0) - BINOMIAL_PAIRS;
      secret[i] = k + (SHARE_PRIME & (k >> 31)); // the sign is the mask: no branch on a secret
    }
    try {
      const shares = shareSecret(this.#random, secret, threshold, committee);
      this.#step = 'shared';
      return shares;
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
    this.#samples.fill(0);
    this.#hat.fill(0);
    this.#noiseSeed.fill(0);
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
