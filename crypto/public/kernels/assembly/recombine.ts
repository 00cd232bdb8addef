// Garner's mixed-radix recombination of three residues, and the split of the centred value v into M and E.
//
// With h = (q - 1) / 2, w = v + h mod q lies in [0, q); adding D = 2048 * T - h instead of subtracting h keeps the
// number non-negative: u = v + 2048 * T. Its lower 78 bits are M = v mod T, the bits above them E + 2048.
import { POLY, mulShoup, primeOf, reduceOnce, shoup } from './modulus';

const INVERSE_P1_2: u32 = 536899580; // p1^-1 mod p2
const INVERSE_P1_3: u32 = 644241817; // p1^-1 mod p3
const INVERSE_P2_3: u32 = 715838804; // p2^-1 mod p3

// Constants of the loop. They are loaded, because V8 14 keeps what was loaded in a register or on its stack, but builds a
// constant vector anew, by three instructions, wherever it is used.
const LIMBS: usize = memory.data<u32>([
  67018753, 15, // p1 in 26-bit limbs
  66945025, 64487554, 255, // p1 * p2
  33660928, 5840762, 27260840, // D
  0x3ffffff,
]);
/** For each constant of the recombination: itself, Shoup's companion, its prime, half its prime. */
const FACTORS: usize = memory.data(3 * 4 * 4, 16);

/** Fills the constants; called once, when the module starts. */
export function fillFactors(): void {
  for (let i = 0; i < 3; i++) {
    const w = i == 0 ? INVERSE_P1_2 : i == 1 ? INVERSE_P1_3 : INVERSE_P2_3;
    const p = primeOf(i == 0 ? 1 : 2);
    const at = FACTORS + <usize>i * 16;
    store<u32>(at, w);
    store<u32>(at + 4, shoup(w, p));
    store<u32>(at + 8, primeOf(i));
    store<u32>(at + 12, (primeOf(i) - 1) >> 1);
  }
}

/** Greatest |E| of the last call of `recombine`. */
export let greatestNoise: i32 = 0;

/** v + (p - 1) / 2 mod p. */
@inline
function lift(x: v128, half: v128, p: v128): v128 {
  return reduceOnce(v128.add<u32>(x, half), p);
}

/** (x - y) * w mod p, below p, for x < p, y below a smaller prime and a constant w with Shoup's companion. */
@inline
function step(x: v128, y: v128, w: v128, ws: v128, p: v128): v128 {
  return reduceOnce(mulShoup(v128.add<u32>(v128.sub<u32>(x, y), p), w, ws, p), p);
}

/** The lower 26 bits of four 64-bit numbers (two a vector) as four 32-bit lanes. */
@inline
function limb(low: v128, high: v128, mask: v128): v128 {
  return v128.and(v128.shuffle<u32>(low, high, 0, 2, 4, 6), mask);
}

@inline
function factor(i: usize, part: usize): v128 {
  return v128.load32_splat(FACTORS + 16 * i + 4 * part);
}

@inline
function limbConstant(i: usize): v128 {
  return v128.load32_splat(LIMBS + 4 * i);
}

/**
 * Residues (three polynomials at `x`, each below its prime) to the limbs of M at `limbs`, three polynomials.
 * Returns how many coefficients have |E| > bound; `greatestNoise` is the greatest |E| of the call.
 */
export function recombine(x: usize, limbs: usize, bound: i32): i32 {
  const w12 = factor(0, 0);
  const s12 = factor(0, 1);
  const w13 = factor(1, 0);
  const s13 = factor(1, 1);
  const w23 = factor(2, 0);
  const s23 = factor(2, 1);
  const p1 = factor(0, 2);
  const p2 = factor(1, 2);
  const p3 = factor(2, 2);
  const h1 = factor(0, 3);
  const h2 = factor(1, 3);
  const h3 = factor(2, 3);
  const p1_0 = limbConstant(0);
  const p1_1 = limbConstant(1);
  const p12_0 = limbConstant(2);
  const p12_1 = limbConstant(3);
  const p12_2 = limbConstant(4);
  const d0 = v128.extend_low<u32>(limbConstant(5));
  const d1 = v128.extend_low<u32>(limbConstant(6));
  const d2 = v128.extend_low<u32>(limbConstant(7));
  const mask = limbConstant(8);
  const middle = i32x4.splat(2048);
  const most = i32x4.splat(bound);
  let beyond = i32x4.splat(0);
  let greatest = i32x4.splat(0);
  for (let j: usize = 0; j < POLY; j += 16) {
    const t1 = lift(v128.load(x + j), h1, p1);
    const y2 = lift(v128.load(x + POLY + j), h2, p2);
    const y3 = lift(v128.load(x + 2 * POLY + j), h3, p3);
    const t2 = step(y2, t1, w12, s12, p2);
    const t3 = step(step(y3, t1, w13, s13, p3), t2, w23, s23, p3);
    // u = t1 + p1 * t2 + p1 * p2 * t3 + D, limb by limb in 64 bits; a carry stays below 2^31.
    let low = v128.add<u64>(d0, v128.extend_low<u32>(t1));
    let high = v128.add<u64>(d0, v128.extend_high<u32>(t1));
    low = v128.add<u64>(low, v128.extmul_low<u32>(t2, p1_0));
    high = v128.add<u64>(high, v128.extmul_high<u32>(t2, p1_0));
    low = v128.add<u64>(low, v128.extmul_low<u32>(t3, p12_0));
    high = v128.add<u64>(high, v128.extmul_high<u32>(t3, p12_0));
    v128.store(limbs + j, limb(low, high, mask));
    low = v128.add<u64>(v128.shr<u64>(low, 26), d1);
    high = v128.add<u64>(v128.shr<u64>(high, 26), d1);
    low = v128.add<u64>(low, v128.extmul_low<u32>(t2, p1_1));
    high = v128.add<u64>(high, v128.extmul_high<u32>(t2, p1_1));
    low = v128.add<u64>(low, v128.extmul_low<u32>(t3, p12_1));
    high = v128.add<u64>(high, v128.extmul_high<u32>(t3, p12_1));
    v128.store(limbs + POLY + j, limb(low, high, mask));
    low = v128.add<u64>(v128.shr<u64>(low, 26), d2);
    high = v128.add<u64>(v128.shr<u64>(high, 26), d2);
    low = v128.add<u64>(low, v128.extmul_low<u32>(t3, p12_2));
    high = v128.add<u64>(high, v128.extmul_high<u32>(t3, p12_2));
    v128.store(limbs + 2 * POLY + j, limb(low, high, mask));
    const above = v128.shuffle<u32>(v128.shr<u64>(low, 26), v128.shr<u64>(high, 26), 0, 2, 4, 6);
    const e = v128.abs<i32>(v128.sub<i32>(above, middle));
    greatest = v128.max<i32>(greatest, e);
    beyond = v128.sub<i32>(beyond, v128.gt<i32>(e, most)); // a true lane is -1
  }
  greatest = v128.max<i32>(greatest, v128.shuffle<u32>(greatest, greatest, 2, 3, 0, 1));
  greatestNoise = max(v128.extract_lane<i32>(greatest, 0), v128.extract_lane<i32>(greatest, 1));
  beyond = v128.add<i32>(beyond, v128.shuffle<u32>(beyond, beyond, 2, 3, 0, 1));
  return v128.extract_lane<i32>(beyond, 0) + v128.extract_lane<i32>(beyond, 1);
}
