import { ModelError } from '../errors.ts';
import { Kernels } from '../kernels/kernels.ts';
import { quantiserOffset, type Quantiser } from './quantiser.ts';

/**
 * Uniform 32-bit numbers that can be had again: the same draw and place give the same numbers. A value is rounded up
 * where its number / 2^32 is below what stands after its point, so that the mean of a rounding is off by less than 2^-32.
 */
export interface RoundingBits {
  /** Writes the numbers of the places from `from`, a multiple of 4, over the whole of `out`. */
  fill(draw: number, from: number, out: Uint32Array): void;
}

/** Values that stand in the kernels' memory at once: a chunk of every layout. A multiple of 4. */
const BLOCK = 24_576;

/**
 * A clipped and scaled update, rounded at random: an array of floats and a few blocks of memory, whatever its length.
 * Vectors are read block by block, and the random numbers come again instead of being kept.
 */
export class RoundedUpdate {
  /** Null once it was erased. */
  #instance: Kernels | null = Kernels.take();
  readonly #delta: Float32Array;
  readonly #bits: RoundingBits;
  readonly #offset: number;
  readonly #at: { readonly x: number; readonly bits: number; readonly out: number };

  /** @param delta not changed, and not to be changed while this is in use */
  constructor(delta: Float32Array, bits: RoundingBits, quantiser: Quantiser) {
    this.#delta = delta;
    this.#bits = bits;
    this.#offset = quantiserOffset(quantiser);
    const [x, random, out] = [0, 1, 2].map(() => this.#kernels.allocate(BLOCK));
    this.#at = { x: x ?? 0, bits: random ?? 0, out: out ?? 0 };
  }

  get length(): number {
    return this.#delta.length;
  }

  /** L2 norm of the update itself; NaN or infinity where a value is. */
  norm(): number {
    let sum = 0;
    for (let from = 0; from < this.length; from += BLOCK) {
      sum += this.#kernels.run.sumOfSquares(this.#at.x, this.#place(from, BLOCK));
    }
    return Math.sqrt(sum);
  }

  /** L2 norm of the update times `factor`, rounded in this draw, and how many values left the range of their bits. */
  rounded(draw: number, factor: number): { readonly norm: number; readonly saturated: number } {
    const { run } = this.#kernels;
    const { x, bits } = this.#at;
    let [sum, saturated] = [0, 0];
    for (let from = 0; from < this.length; from += BLOCK) {
      const padded = this.#draw(draw, from, BLOCK);
      sum += run.roundedSquares(x, bits, padded, factor, this.#offset);
      saturated += run.saturated();
    }
    return { norm: Math.sqrt(sum), saturated };
  }

  /**
   * Whole numbers of any part: rounded as in `rounded`, cut to the range, and shifted to be non-negative.
   * @returns `count` values; those of a chunk lie in memory of this object's own, good until its next call
   */
  read(draw: number, factor: number, from: number, count: number): Uint32Array {
    const before = from % 4; // random numbers start at multiples of 4
    if (before + count > BLOCK) {
      const all = new Uint32Array(count);
      for (let at = 0; at < count;) {
        const part = this.read(draw, factor, from + at, Math.min(BLOCK - 4, count - at));
        all.set(part, at);
        at += part.length;
      }
      return all;
    }
    const { x, bits, out } = this.#at;
    const padded = this.#draw(draw, from - before, before + count);
    this.#kernels.run.quantise(x, bits, out, padded, factor, this.#offset);
    return this.#words(out, before + count).subarray(before);
  }

  /** Overwrites what the kernels' memory holds of the update, which is not to be read any more. */
  erase(): void {
    this.#instance?.release();
    this.#instance = null;
  }

  get #kernels(): Kernels {
    if (this.#instance) return this.#instance;
    throw new ModelError('VALUE_OUT_OF_RANGE', {
      expected: 'an update that was not erased',
      got: 'one that was',
      next: 'read it before it is erased',
    });
  }

  #words(at: number, length: number): Uint32Array {
    return new Uint32Array(this.#kernels.run.memory.buffer, at, length);
  }

  /** Copies a block of the update, padded with zeros to a multiple of 4. @returns its length with them */
  #place(from: number, count: number): number {
    const part = this.#delta.subarray(from, from + count);
    const padded = Math.ceil(part.length / 4) * 4;
    const view = this.#kernels.view(this.#at.x, padded);
    view.set(part);
    view.fill(0, part.length);
    return padded;
  }

  #draw(draw: number, from: number, count: number): number {
    const padded = this.#place(from, count);
    this.#bits.fill(draw, from, this.#words(this.#at.bits, padded));
    return padded;
  }
}
