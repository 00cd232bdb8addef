// A coefficient's 78-bit message as three 26-bit limbs, and the slots of a layout in it.
//
// Slot s of a layout with b bits is bits s*b .. s*b + b - 1 of the message; value j of a chunk is slot floor(j / 4096)
// of coefficient j mod 4096, so that each slot is one plane of 4,096 words.
import { N, POLY } from './modulus';

const LIMB: u32 = 0x3ffffff;

/** Joins the planes at `values` to limbs at `limbs` (which may be the same address for 3x26). */
export function joinSlots(slots: i32, values: usize, limbs: usize): void {
  const mask = i32x4.splat(LIMB);
  for (let j: usize = 0; j < POLY; j += 16) {
    const v0 = v128.load(values + j);
    const v1 = v128.load(values + POLY + j);
    const v2 = v128.load(values + 2 * POLY + j);
    let l0 = v0;
    let l1 = v1;
    let l2 = v2;
    if (slots == 4) {
      const v3 = v128.load(values + 3 * POLY + j);
      l0 = v128.or(v0, v128.and(v128.shl<u32>(v1, 19), mask));
      l1 = v128.or(v128.shr<u32>(v1, 7), v128.and(v128.shl<u32>(v2, 12), mask));
      l2 = v128.or(v128.shr<u32>(v2, 14), v128.shl<u32>(v3, 5));
    } else if (slots == 6) {
      const v3 = v128.load(values + 3 * POLY + j);
      const v4 = v128.load(values + 4 * POLY + j);
      const v5 = v128.load(values + 5 * POLY + j);
      l0 = v128.or(v0, v128.shl<u32>(v1, 13));
      l1 = v128.or(v2, v128.shl<u32>(v3, 13));
      l2 = v128.or(v4, v128.shl<u32>(v5, 13));
    }
    v128.store(limbs + j, l0);
    v128.store(limbs + POLY + j, l1);
    v128.store(limbs + 2 * POLY + j, l2);
  }
}

/** Splits limbs at `limbs` to planes at `values`; returns the OR of the two bits that 4x19 leaves unused. */
export function splitSlots(slots: i32, limbs: usize, values: usize): u32 {
  let spare: u32 = 0;
  for (let i = 0; i < N; i++) {
    const j = <usize>i << 2;
    const l0 = load<u32>(limbs + j);
    const l1 = load<u32>(limbs + POLY + j);
    const l2 = load<u32>(limbs + 2 * POLY + j);
    if (slots == 3) {
      store<u32>(values + j, l0);
      store<u32>(values + POLY + j, l1);
      store<u32>(values + 2 * POLY + j, l2);
    } else if (slots == 4) {
      store<u32>(values + j, l0 & 0x7ffff);
      store<u32>(values + POLY + j, (l0 >> 19) | ((l1 & 0xfff) << 7));
      store<u32>(values + 2 * POLY + j, (l1 >> 12) | ((l2 & 0x1f) << 14));
      store<u32>(values + 3 * POLY + j, (l2 >> 5) & 0x7ffff);
      spare |= l2 >> 24;
    } else {
      store<u32>(values + j, l0 & 0x1fff);
      store<u32>(values + POLY + j, l0 >> 13);
      store<u32>(values + 2 * POLY + j, l1 & 0x1fff);
      store<u32>(values + 3 * POLY + j, l1 >> 13);
      store<u32>(values + 4 * POLY + j, l2 & 0x1fff);
      store<u32>(values + 5 * POLY + j, l2 >> 13);
    }
  }
  return spare;
}
