import type { RandomBytes } from '../../crypto/public/primitives.ts';
import { wipeableBytes } from '../../crypto/public/wipeable.ts';

/** Denominator of a variance: it is a whole number of 1,024ths. */
const PARTS = 1024;
/** Random words that are fetched at once. */
const WORDS = 4096;

/**
 * Whole numbers x with probability proportional to exp(-x^2 / (2 variance)), exactly: Canonne, Kamath and Steinke 2020, "The
 * Discrete Gaussian for Differential Privacy", algorithms 1 to 3, with rational numbers alone. Decisions are made on 32
 * random bits where these decide, and on as many more as it takes where they do not; floating point only tells the two
 * cases apart.
 */
export class DiscreteGaussian {
  readonly #random: RandomBytes;
  /** Scale of the discrete Laplace that is drawn first, and the variance in 1,024ths. */
  readonly #t: number;
  readonly #parts: number;
  #words = new Uint32Array(0);
  #at = 0;

  /**
   * @param variance positive, rounded up to a 1,024th: never less noise than asked for
   * @param random the operating system's source; whoever knows its bytes can take the noise away again
   */
  constructor(variance: number, random: RandomBytes) {
    this.#parts = Math.ceil(variance * PARTS);
    if (!(this.#parts >= 1 && this.#parts <= 2 ** 40)) throw new RangeError(`a variance of ${variance}`);
    this.#t = Math.floor(Math.sqrt(this.#parts / PARTS)) + 1;
    this.#random = random;
  }

  /** One draw. */
  next(): number {
    const [t, parts] = [this.#t, this.#parts];
    for (;;) {
      const y = this.#laplace();
      // Accept with exp(-(|y| - variance / t)^2 / (2 variance)).
      const root = Math.abs(y) * t * PARTS - parts;
      const top = () => BigInt(root) ** 2n;
      const bottom = () => 2n * BigInt(parts) * BigInt(t) ** 2n * BigInt(PARTS);
      const close = root ** 2 / (2 * parts * t ** 2 * PARTS);
      if (this.#exp({ close, top, bottom })) return y;
    }
  }

  /** Overwrites the random words that are left. */
  erase(): void {
    this.#words.fill(0);
    this.#at = this.#words.length;
  }

  /** Discrete Laplace of scale t (algorithm 2): probability proportional to exp(-|y| / t). */
  #laplace(): number {
    const t = this.#t;
    for (;;) {
      const u = this.#below(t);
      if (!this.#exp({ close: u / t, top: () => BigInt(u), bottom: () => BigInt(t) })) continue;
      let v = 0;
      while (this.#series(ONE)) v++;
      const magnitude = u + t * v;
      const negative = (this.#word() & 1) === 1;
      if (!(negative && magnitude === 0)) return negative ? -magnitude : magnitude;
    }
  }

  /** True with probability exp(-gamma), gamma >= 0 (algorithm 1). */
  #exp(gamma: Rational): boolean {
    if (gamma.close < 0.999) return this.#series(gamma);
    // exp(-gamma) = exp(-1)^floor(gamma) exp(-rest)
    const [top, bottom] = [gamma.top(), gamma.bottom()];
    for (let whole = top / bottom; whole > 0n; whole--) if (!this.#series(ONE)) return false;
    const rest = top % bottom;
    return this.#series({ close: Number(rest) / Number(bottom), top: () => rest, bottom: gamma.bottom });
  }

  /** The same for gamma of at most 1: the alternating series of the exponential as a game. */
  #series({ close, top, bottom }: Rational): boolean {
    for (let k = 1; ; k++) {
      const divisor = k;
      if (!this.#bernoulli(close / k, top, () => bottom() * BigInt(divisor))) return k % 2 === 1;
    }
  }

  /** True with probability top / bottom, at most 1; `close` is within one part in 2^40 of it. */
  #bernoulli(close: number, top: () => bigint, bottom: () => bigint): boolean {
    const word = this.#word();
    const scaled = close * 2 ** 32;
    if (word + 2 < scaled) return true;
    if (word > scaled + 1) return false;
    const [a, b] = [top(), bottom()];
    // The random number lies in [drawn, drawn + 1) / 2^bits.
    let [drawn, bits] = [BigInt(word), 32n];
    for (;;) {
      const place = a << bits;
      if ((drawn + 1n) * b <= place) return true;
      if (drawn * b >= place) return false;
      drawn = (drawn << 32n) | BigInt(this.#word());
      bits += 32n;
    }
  }

  /** Uniform whole number below a bound of at most 2^32. */
  #below(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const word = this.#word();
      if (word < limit) return word % bound;
    }
  }

  #word(): number {
    if (this.#at === this.#words.length) {
      this.#words.fill(0);
      const bytes = wipeableBytes(4 * WORDS);
      const drawn = this.#random(bytes.length);
      bytes.set(drawn);
      drawn.fill(0);
      this.#words = new Uint32Array(bytes.buffer);
      this.#at = 0;
    }
    return this.#words[this.#at++] ?? 0;
  }
}

/** A number as its parts, which are made where they are needed, and as what floating point has of it. */
interface Rational {
  readonly close: number;
  readonly top: () => bigint;
  readonly bottom: () => bigint;
}

const ONE: Rational = { close: 1, top: () => 1n, bottom: () => 1n };
