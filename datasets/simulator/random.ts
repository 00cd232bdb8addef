/**
 * Seeded randomness of the simulator: xoshiro128** 1.1 (Blackman and Vigna 2021), its state filled by splitmix32 from
 * the seed and a stream name, so that parts of the simulation do not disturb each other's draws. Only operations that
 * are exact in every engine are used for decisions; `exp` and `log` shape times and weights.
 *
 * models/seeded-stream.ts has the same generator: data sets may import nothing of models, and models nothing at all.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(seed: number, stream: string) {
    let hash = 0x811c9dc5 | 0;
    for (const char of `${seed}/${stream}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
    const next = (): number => {
      hash = (hash + 0x9e3779b9) | 0;
      let z = hash;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return (z ^ (z >>> 15)) | 0;
    };
    this.a = next();
    this.b = next();
    this.c = next();
    this.d = next() | 1;
  }

  /** Uniform over 0 to 2^32 - 1. */
  u32(): number {
    const product = Math.imul(this.b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }

  /** Uniform in [0, 1), 32 bits. */
  unit(): number {
    return this.u32() / 4294967296;
  }

  chance(p: number): boolean {
    return this.unit() < p;
  }

  /** Uniform whole number in [0, n). */
  below(n: number): number {
    return Math.floor(this.unit() * n);
  }

  /** Uniform whole number in [low, high]. */
  range([low, high]: readonly [number, number]): number {
    return low + this.below(high - low + 1);
  }

  /** Uniform real number in [low, high). */
  between([low, high]: readonly [number, number]): number {
    return low + this.unit() * (high - low);
  }

  /** Roughly normal, mean 0, deviation 1 (sum of four uniforms). */
  normal(): number {
    return (this.unit() + this.unit() + this.unit() + this.unit() - 2) * 1.7320508;
  }

  exponential(mean: number): number {
    return -Math.log(1 - this.unit()) * mean;
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new RangeError('pick from an empty list');
    return item;
  }

  /** `n` different items, or all of them in random order where there are fewer. */
  sample<T>(list: readonly T[], n: number): T[] {
    if (n * 8 < list.length) return this.fewOf(list, n);
    const pool = [...list];
    const out: T[] = [];
    while (out.length < n && pool.length > 0) {
      const index = this.below(pool.length);
      const last = pool.pop();
      const taken = index < pool.length ? pool[index] : last;
      if (index < pool.length && last !== undefined) pool[index] = last;
      if (taken !== undefined) out.push(taken);
    }
    return out;
  }

  /** A few items of a long list, without a copy of it. */
  private fewOf<T>(list: readonly T[], n: number): T[] {
    const places = new Set<number>();
    while (places.size < n) places.add(this.below(list.length));
    return [...places].flatMap((place) => list.slice(place, place + 1));
  }
}
