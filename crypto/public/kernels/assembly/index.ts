// Public half of the ring: everything here works on public data.
import { fillTables, inverse, multiply } from './ntt';
import { POLY, primeOf, reduceOnce } from './modulus';
import { PACKED, unpack } from './packing';
import { greatestNoise, recombine } from './recombine';
import { splitSlots } from './slots';

export { forward, inverse, toMontgomery, multiply } from './ntt';
export { pack, unpack, addPacked } from './packing';
export { uniform } from './uniform';
export { fieldClear, fieldAdd, fieldFinish } from './field';

/** Three residue polynomials: the operand in place. */
export const x: usize = memory.data(3 * 4096 * 4, 16);
/** Three residue polynomials: the second factor. */
export const y: usize = memory.data(3 * 4096 * 4, 16);
/** One packed chunk. */
export const packed: usize = memory.data(46080, 16);
/** Key stream for `uniform`: at most 8,192 words. */
export const stream: usize = memory.data(8192 * 4, 16);
/** Six planes of values. */
export const values: usize = memory.data(6 * 4096 * 4, 16);
/** Limbs of M. */
export const limbs: usize = memory.data(3 * 4096 * 4, 16);

/** In the result of `open`: a residue was not below its prime. */
const NOT_REDUCED: i32 = -1;

/**
 * Opens one chunk: C packed at `packed`, a_hat (three primes) at `x`, K_hat in Montgomery form at `y`; writes the planes
 * to `values`. Returns the number of coefficients beyond the bound (unused message bits count as one), or -1.
 */
export function open(slots: i32, bound: i32): i32 {
  for (let k = 0; k < 3; k++) {
    const at = x + <usize>k * POLY;
    const c = limbs + <usize>k * POLY;
    if (!unpack(packed + <usize>k * PACKED, c, k)) return NOT_REDUCED;
    multiply(at, y + <usize>k * POLY, k);
    inverse(at, k);
    const p = i32x4.splat(primeOf(k));
    for (let j: usize = 0; j < POLY; j += 16) {
      const difference = v128.sub<u32>(v128.load(c + j), v128.load(at + j));
      v128.store(at + j, v128.min<u32>(difference, v128.add<u32>(difference, p)));
    }
  }
  const beyond = recombine(x, limbs, bound);
  const spare = splitSlots(slots, limbs, values);
  return beyond + i32(spare != 0);
}

/** Greatest |E| of the chunk opened last. */
export function greatest(): i32 {
  return greatestNoise;
}

fillTables();
