// Garner's mixed-radix recombination of three residues, and the split of the centred value v into M and E.
//
// With h = (q - 1) / 2, w = v + h mod q lies in [0, q); adding D = 2048 * T - h instead of subtracting h keeps the
// number non-negative: u = v + 2048 * T. Its lower 78 bits are M = v mod T, the bits above them E + 2048.
import { N, POLY, primeOf, shoup } from './modulus';

const P1_0: u64 = 67018753; // p1 in 26-bit limbs
const P1_1: u64 = 15;
const P12_0: u64 = 66945025; // p1 * p2 in 26-bit limbs
const P12_1: u64 = 64487554;
const P12_2: u64 = 255;
const D_0: u64 = 33660928; // D in 26-bit limbs
const D_1: u64 = 5840762;
const D_2: u64 = 27260840;
const INVERSE_P1_2: u32 = 536899580; // p1^-1 mod p2
const INVERSE_P1_3: u32 = 644241817; // p1^-1 mod p3
const INVERSE_P2_3: u32 = 715838804; // p2^-1 mod p3
const LIMB: u64 = 0x3ffffff;

/** Greatest |E| of the last call of `recombine`. */
export let greatestNoise: i32 = 0;

/** v + (p - 1) / 2 mod p. */
@inline
function lift(x: u32, p: u32): u32 {
  const y = x + ((p - 1) >> 1);
  return min(y, y - p);
}

/** x - y mod p, any y below 2^30. */
@inline
function subtract(x: u32, y: u32, p: u32): u32 {
  y = min(y, y - p);
  const z = x - y;
  return min(z, z + p);
}

/** x * w mod p, below p, for a constant w with its Shoup companion. */
@inline
function times(x: u32, w: u32, ws: u32, p: u32): u32 {
  const y = x * w - <u32>((<u64>x * <u64>ws) >> 32) * p;
  return min(y, y - p);
}

/**
 * Residues (three polynomials at `x`, each below its prime) to the limbs of M at `limbs`.
 * Returns how many coefficients have |E| > bound; `greatestNoise` is the greatest |E| of the call.
 */
export function recombine(x: usize, limbs: usize, bound: i32): i32 {
  const p1 = primeOf(0);
  const p2 = primeOf(1);
  const p3 = primeOf(2);
  const s12 = shoup(INVERSE_P1_2, p2);
  const s13 = shoup(INVERSE_P1_3, p3);
  const s23 = shoup(INVERSE_P2_3, p3);
  let beyond = 0;
  let greatest = 0;
  for (let i = 0; i < N; i++) {
    const j = <usize>i << 2;
    const t1 = lift(load<u32>(x + j), p1);
    const y2 = lift(load<u32>(x + POLY + j), p2);
    const y3 = lift(load<u32>(x + 2 * POLY + j), p3);
    const t2 = times(subtract(y2, t1, p2), INVERSE_P1_2, s12, p2);
    const t13 = times(subtract(y3, t1, p3), INVERSE_P1_3, s13, p3);
    const t3 = times(subtract(t13, t2, p3), INVERSE_P2_3, s23, p3);
    const s0 = <u64>t1 + P1_0 * t2 + P12_0 * t3 + D_0;
    const s1 = P1_1 * t2 + P12_1 * t3 + D_1 + (s0 >> 26);
    const s2 = P12_2 * t3 + D_2 + (s1 >> 26);
    const e = abs(<i32>(s2 >> 26) - 2048);
    store<u32>(limbs + j, <u32>(s0 & LIMB));
    store<u32>(limbs + POLY + j, <u32>(s1 & LIMB));
    store<u32>(limbs + 2 * POLY + j, <u32>(s2 & LIMB));
    greatest = max(greatest, e);
    beyond += i32(e > bound);
  }
  greatestNoise = greatest;
  return beyond;
}
