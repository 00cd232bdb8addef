// A coefficient's 78-bit message as three 26-bit limbs, and the slots of a layout in it.
//
// Slot s of a layout with b bits is bits s*b .. s*b + b - 1 of the message; value j of a chunk is slot floor(j / 4096)
// of coefficient j mod 4096, so that each slot is one plane of 4,096 words.
import { POLY } from './modulus';

const LIMB: u32 = 0x3ffffff;

/** Limb vector 0, 1 or 2 of the planes at `values`, byte offset `j`. */
@inline
export function joinLimb(limb: i32, slots: i32, values: usize, j: usize): v128 {
  if (slots == 3) return v128.load(values + <usize>limb * POLY + j);
  if (slots == 6) {
    const at = values + <usize>(2 * limb) * POLY + j;
    return v128.or(v128.load(at), v128.shl<u32>(v128.load(at + POLY), 13));
  }
  const v1 = v128.load(values + POLY + j);
  const v2 = v128.load(values + 2 * POLY + j);
  const mask = i32x4.splat(LIMB);
  if (limb == 0) return v128.or(v128.load(values + j), v128.and(v128.shl<u32>(v1, 19), mask));
  if (limb == 1) return v128.or(v128.shr<u32>(v1, 7), v128.and(v128.shl<u32>(v2, 12), mask));
  return v128.or(v128.shr<u32>(v2, 14), v128.shl<u32>(v128.load(values + 3 * POLY + j), 5));
}

/**
 * Splits limbs at `limbs` to planes at `values`; for 3x26, where a limb is a slot, they are the same address. Returns
 * whether one of the two bits that 4x19 leaves unused is set.
 */
export function splitSlots(slots: i32, limbs: usize, values: usize): bool {
  if (slots == 3) return false;
  let spare = i32x4.splat(0);
  const m13 = i32x4.splat(0x1fff);
  const m19 = i32x4.splat(0x7ffff);
  for (let j: usize = 0; j < POLY; j += 16) {
    const l0 = v128.load(limbs + j);
    const l1 = v128.load(limbs + POLY + j);
    const l2 = v128.load(limbs + 2 * POLY + j);
    if (slots == 4) {
      v128.store(values + j, v128.and(l0, m19));
      v128.store(values + POLY + j, v128.and(v128.or(v128.shr<u32>(l0, 19), v128.shl<u32>(l1, 7)), m19));
      v128.store(values + 2 * POLY + j, v128.and(v128.or(v128.shr<u32>(l1, 12), v128.shl<u32>(l2, 14)), m19));
      v128.store(values + 3 * POLY + j, v128.and(v128.shr<u32>(l2, 5), m19));
      spare = v128.or(spare, v128.shr<u32>(l2, 24));
    } else {
      v128.store(values + j, v128.and(l0, m13));
      v128.store(values + POLY + j, v128.shr<u32>(l0, 13));
      v128.store(values + 2 * POLY + j, v128.and(l1, m13));
      v128.store(values + 3 * POLY + j, v128.shr<u32>(l1, 13));
      v128.store(values + 4 * POLY + j, v128.and(l2, m13));
      v128.store(values + 5 * POLY + j, v128.shr<u32>(l2, 13));
    }
  }
  return v128.any_true(spare);
}
