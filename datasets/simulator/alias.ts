import type { Random } from './random.ts';

/** Draws indices with given weights in constant time (Walker's alias method, Vose's construction). */
export class AliasTable {
  private readonly threshold: Float64Array;
  private readonly alias: Int32Array;
  readonly size: number;

  /** @param weights non-negative, with a positive sum */
  constructor(weights: ArrayLike<number>) {
    const n = weights.length;
    let total = 0;
    for (let i = 0; i < n; i++) total += weights[i] ?? 0;
    this.size = n;
    this.threshold = new Float64Array(n).fill(1);
    this.alias = new Int32Array(n);
    const scaled = new Float64Array(n);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < n; i++) {
      this.alias[i] = i;
      const weight = ((weights[i] ?? 0) * n) / total;
      scaled[i] = weight;
      (weight < 1 ? small : large).push(i);
    }
    for (;;) {
      const less = small.pop();
      const more = large.at(-1);
      if (less === undefined || more === undefined) break;
      this.threshold[less] = scaled[less] ?? 1;
      this.alias[less] = more;
      const rest = (scaled[more] ?? 0) + (scaled[less] ?? 0) - 1;
      scaled[more] = rest;
      if (rest < 1) {
        large.pop();
        small.push(more);
      }
    }
  }

  draw(random: Random): number {
    const slot = random.below(this.size);
    return random.unit() < (this.threshold[slot] ?? 1) ? slot : (this.alias[slot] ?? slot);
  }
}
