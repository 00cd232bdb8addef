// The gates of a gated recurrent unit (Cho et al. 2014) between the matrix products, forward and backward:
// r = sigmoid(a_r + u_r), z = sigmoid(a_z + u_z), n = tanh(a_n + r u_n), next = (1 - z) n + z state,
// where a = x W + bx and u = state U + bh, each of columns r, z, n. No sum runs over rows, so rows may be divided at will.

import { sigmoid4, tanh4 } from './lanes';

function at(ptr: usize, index: i32): usize {
  return ptr + ((<usize>index) << 2);
}

/** Four values, or where `single` one. */
@inline
function read(ptr: usize, single: bool): v128 {
  return single ? v128.load32_zero(ptr) : v128.load(ptr);
}

@inline
function write(ptr: usize, value: v128, single: bool): void {
  if (single) v128.store32_lane(ptr, value, 0);
  else v128.store(ptr, value);
}

/** Up to four units of one node, `step` bytes from one gate to the next. */
@inline
function forwardUnits(a: usize, u: usize, state: usize, next: usize, step: usize, single: bool): void {
  const r = sigmoid4(f32x4.add(read(a, single), read(u, single)));
  const z = sigmoid4(f32x4.add(read(a + step, single), read(u + step, single)));
  const n = tanh4(f32x4.add(read(a + 2 * step, single), f32x4.mul(r, read(u + 2 * step, single))));
  write(a, r, single);
  write(a + step, z, single);
  write(a + 2 * step, n, single);
  const kept = f32x4.mul(z, read(state, single));
  write(next, f32x4.add(f32x4.mul(f32x4.sub(f32x4.splat(1), z), n), kept), single);
}

/** a[rows x 3h] becomes r, z, n; next[rows x h] from u[rows x 3h] and state[rows x h]. */
export function gruForward(
  aPtr: usize, uPtr: usize, statePtr: usize, nextPtr: usize, rows: i32, h: i32,
): void {
  const step = (<usize>h) << 2;
  for (let i = 0; i < rows; i++) {
    const a = at(aPtr, i * 3 * h);
    const u = at(uPtr, i * 3 * h);
    const state = at(statePtr, i * h);
    const next = at(nextPtr, i * h);
    let j = 0;
    for (; j + 4 <= h; j += 4) forwardUnits(at(a, j), at(u, j), at(state, j), at(next, j), step, false);
    for (; j < h; j++) forwardUnits(at(a, j), at(u, j), at(state, j), at(next, j), step, true);
  }
}

/** v (1 - v) */
@inline
function slope(v: v128): v128 {
  return f32x4.mul(v, f32x4.sub(f32x4.splat(1), v));
}

@inline
function backwardUnits(
  gates: usize, u: usize, state: usize, dNext: usize, da: usize, du: usize, dState: usize, step: usize, single: bool,
): void {
  const one = f32x4.splat(1);
  const r = read(gates, single);
  const z = read(gates + step, single);
  const n = read(gates + 2 * step, single);
  const up = read(dNext, single);
  const dn = f32x4.mul(f32x4.mul(up, f32x4.sub(one, z)), f32x4.sub(one, f32x4.mul(n, n)));
  const dz = f32x4.mul(f32x4.mul(up, f32x4.sub(read(state, single), n)), slope(z));
  const dr = f32x4.mul(f32x4.mul(dn, read(u + 2 * step, single)), slope(r));
  write(da, dr, single);
  write(da + step, dz, single);
  write(da + 2 * step, dn, single);
  write(du, dr, single);
  write(du + step, dz, single);
  write(du + 2 * step, f32x4.mul(dn, r), single);
  write(dState, f32x4.mul(up, z), single);
}

/**
 * From dNext[rows x h] and what `gruForward` left: gradients da and du[rows x 3h] of a and u, and dState[rows x h], the part
 * of the gradient of `state` that does not go through u.
 */
export function gruBackward(
  gatesPtr: usize, uPtr: usize, statePtr: usize, dNextPtr: usize,
  daPtr: usize, duPtr: usize, dStatePtr: usize, rows: i32, h: i32,
): void {
  const step = (<usize>h) << 2;
  for (let i = 0; i < rows; i++) {
    const wide = i * 3 * h;
    const narrow = i * h;
    let j = 0;
    for (; j + 4 <= h; j += 4) {
      backwardUnits(
        at(gatesPtr, wide + j), at(uPtr, wide + j), at(statePtr, narrow + j), at(dNextPtr, narrow + j),
        at(daPtr, wide + j), at(duPtr, wide + j), at(dStatePtr, narrow + j), step, false);
    }
    for (; j < h; j++) {
      backwardUnits(
        at(gatesPtr, wide + j), at(uPtr, wide + j), at(statePtr, narrow + j), at(dNextPtr, narrow + j),
        at(daPtr, wide + j), at(duPtr, wide + j), at(dStatePtr, narrow + j), step, true);
    }
  }
}
