/**
 * Deterministic pseudorandom numbers: xoshiro128** (Blackman and Vigna 2021), integer arithmetic only, so the same seed
 * gives the same values on every machine. Not for keys, masks or noise that must stay secret.
 *
 * The simulator has the same generator (datasets/simulator/random.ts), seeded by names: models import nothing of ours, and
 * data sets nothing of models.
 */
export class SeededStream {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** From 128 bits; all zero is replaced, because the generator would stay there. */
  constructor(a: number, b: number, c: number, d: number) {
    [this.#a, this.#b, this.#c, this.#d] = [a | 0, b | 0, c | 0, d | 0];
    if ((this.#a | this.#b | this.#c | this.#d) === 0) this.#a = 1;
  }

  /** From one number (a safe integer), spread by splitmix32. */
  static fromNumber(seed: number): SeededStream {
    let state = (seed | 0) ^ Math.imul(Math.floor(seed / 2 ** 32) | 0, 0x9e3779b1);
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      return z ^ (z >>> 16);
    };
    return new SeededStream(next(), next(), next(), next());
  }

  /** The 128 bits from which it goes on; the constructor takes them. */
  state(): [number, number, number, number] {
    return [this.#a, this.#b, this.#c, this.#d];
  }

  /** Uniform in [0, 2^32). */
  nextUint32(): number {
    const scrambled = Math.imul(this.#b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** Uniform in [0, 1), a multiple of 2^-32. */
  nextUnit(): number {
    return this.nextUint32() / 2 ** 32;
  }

  /** Uniform integer in [0, bound), 1 <= bound <= 2^32, without modulo bias. */
  nextBelow(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const value = this.nextUint32();
      if (value < limit) return value % bound;
    }
  }
}
