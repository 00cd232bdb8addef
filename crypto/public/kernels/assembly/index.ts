// Public half of the ring: everything here works on public data, but for shares (share.ts), which are wiped.
import { POLY } from './modulus';
import { fillTables, inverseTimesN, multiply } from './ntt';
import { PACKED, subtractFromPacked } from './packing';
import { fillFactors, greatestNoise, recombine } from './recombine';
import { splitSlots } from './slots';

export { forward, inverse, toMontgomery, toKey, multiply } from './ntt';
export { pack, unpack, addPacked } from './packing';
export { uniform } from './uniform';
export { fieldClear, fieldAdd, fieldFinish } from './field';
export { shareBytes, share, challenge, combinations } from './share';
export { unpackShare, sampleShare, combineShare, wipeShare } from './share';

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
 * Opens one chunk: C packed at `packed`, a_hat (three primes) at `x`, K_hat (`toKey`) at `y`; writes the planes to
 * `values`. Returns the number of coefficients beyond the bound (unused message bits count as one), or -1.
 */
export function open(slots: i32, bound: i32): i32 {
  for (let k = 0; k < 3; k++) {
    const at = x + <usize>k * POLY;
    multiply(at, y + <usize>k * POLY, k);
    inverseTimesN(at, k);
    if (!subtractFromPacked(packed + <usize>k * PACKED, at, k)) return NOT_REDUCED;
  }
  const to = slots == 3 ? values : limbs;
  const beyond = recombine(x, to, bound);
  return beyond + i32(splitSlots(slots, to, values));
}

/** Greatest |E| of the chunk opened last. */
export function greatest(): i32 {
  return greatestNoise;
}

fillTables();
fillFactors();
