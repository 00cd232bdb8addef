// Mean over neighbours: a sparse matrix in CSR form (start[rows + 1], column[start[rows]], u32) times a dense one, and its
// backward pass, which goes over the transposed matrix: so each row of an output is one sum in the order of its list, and
// rows from..to may be divided at will. A row without neighbours is 0. The caller has checked every index.

function at(ptr: usize, index: i32): usize {
  return ptr + ((<usize>index) << 2);
}

/** 1 / how many neighbours row i has; it has one at least. */
@inline
function share(startPtr: usize, i: i32): f32 {
  return <f32>1 / <f32>(load<u32>(at(startPtr, i + 1)) - load<u32>(at(startPtr, i)));
}

/** out[i] = 1 / |N(i)| sum over c in N(i) of x[c], h columns, for rows from..to. */
export function meanRows(
  startPtr: usize, columnPtr: usize, xPtr: usize, outPtr: usize, from: i32, to: i32, h: i32,
): void {
  for (let i = from; i < to; i++) {
    const first = at(columnPtr, load<u32>(at(startPtr, i)));
    const end = at(columnPtr, load<u32>(at(startPtr, i + 1)));
    const out = at(outPtr, i * h);
    const scale: f32 = first < end ? share(startPtr, i) : 0;
    const scales = f32x4.splat(scale);
    let j = 0;
    for (; j + 8 <= h; j += 8) {
      let s0 = f32x4.splat(0);
      let s1 = f32x4.splat(0);
      for (let c = first; c < end; c += 4) {
        const row = at(xPtr, load<i32>(c) * h + j);
        s0 = f32x4.add(s0, v128.load(row));
        s1 = f32x4.add(s1, v128.load(row, 16));
      }
      v128.store(at(out, j), f32x4.mul(s0, scales));
      v128.store(at(out, j), f32x4.mul(s1, scales), 16);
    }
    for (; j < h; j++) {
      let sum: f32 = 0;
      for (let c = first; c < end; c += 4) sum += load<f32>(at(xPtr, load<i32>(c) * h + j));
      store<f32>(at(out, j), sum * scale);
    }
  }
}

/**
 * dx[c] = sum over i with c in N(i) of dOut[i] / |N(i)|, for rows from..to of dx: backStart and backColumn are the
 * transposed lists, `start` that of the matrix itself.
 */
export function meanRowsBackward(
  backStartPtr: usize, backColumnPtr: usize, startPtr: usize, dOutPtr: usize, dxPtr: usize,
  from: i32, to: i32, h: i32,
): void {
  for (let c = from; c < to; c++) {
    const first = at(backColumnPtr, load<u32>(at(backStartPtr, c)));
    const end = at(backColumnPtr, load<u32>(at(backStartPtr, c + 1)));
    const dx = at(dxPtr, c * h);
    let j = 0;
    for (; j + 8 <= h; j += 8) {
      let s0 = f32x4.splat(0);
      let s1 = f32x4.splat(0);
      for (let p = first; p < end; p += 4) {
        const i = load<i32>(p);
        const scale = f32x4.splat(share(startPtr, i));
        const row = at(dOutPtr, i * h + j);
        s0 = f32x4.add(s0, f32x4.mul(v128.load(row), scale));
        s1 = f32x4.add(s1, f32x4.mul(v128.load(row, 16), scale));
      }
      v128.store(at(dx, j), s0);
      v128.store(at(dx, j), s1, 16);
    }
    for (; j < h; j++) {
      let sum: f32 = 0;
      for (let p = first; p < end; p += 4) {
        const i = load<i32>(p);
        sum += load<f32>(at(dOutPtr, i * h + j)) * share(startPtr, i);
      }
      store<f32>(at(dx, j), sum);
    }
  }
}
