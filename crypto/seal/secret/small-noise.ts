import type { RandomBytes } from '../../public/primitives.ts';
import { ERROR_BOUND } from '../public/parameters.ts';

const BITS = 2 ** ERROR_BOUND - 1;

/**
 * Centred binomial with 21 pairs of bits, standard deviation 3.24, as SEAL's own error (HE standard: 3.2). No branch and no
 * index depends on a value.
 * @returns Int32Array(degree) in -21..21, to be overwritten by the caller
 */
export function sampleError(random: RandomBytes, degree: number): Int32Array {
  const bytes = random(8 * degree);
  const words = new Uint32Array(Uint8Array.from(bytes).buffer);
  try {
    return Int32Array.from(
      { length: degree },
      (_, i) => ones((words[2 * i] ?? 0) & BITS) - ones((words[2 * i + 1] ?? 0) & BITS),
    );
  } finally {
    bytes.fill(0);
    words.fill(0);
  }
}

/** Number of ones in a word (Warren, Hacker's Delight, section 5-1). */
function ones(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  x = (x + (x >>> 4)) & 0x0f0f0f0f;
  return Math.imul(x, 0x01010101) >>> 24;
}

/** Uniform in [-2^bits, 2^bits), bits <= 30. @returns Int32Array(degree), to be overwritten by the caller */
export function sampleMask(random: RandomBytes, degree: number, bits: number): Int32Array {
  const bytes = random(4 * degree);
  const words = new Uint32Array(Uint8Array.from(bytes).buffer);
  try {
    return Int32Array.from(words, (word) => (word >>> (31 - bits)) - 2 ** bits);
  } finally {
    bytes.fill(0);
    words.fill(0);
  }
}
