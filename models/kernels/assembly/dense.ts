// The dense layer, forward and backward. A pass over the columns of a wide layer does not fit into the caches, and every row
// of a batch makes one: so columns are taken in tiles, all rows for one tile after the other. That changes no bit: what is
// added up for one number is added in the order of the plain loops, which stand in test/reference-kernels.ts.

const F32: usize = 4;
/** Columns of a tile: of 36 rows of weights it takes 18 KB, which stay in a first-level cache. */
const TILE: i32 = 128;

function at(ptr: usize, index: i32): usize {
  return ptr + ((<usize>index) << 2);
}

/** sum + scale * v[0..4) */
@inline
function multiplyAdd(sum: v128, scale: v128, ptr: usize): v128 {
  return f32x4.add(sum, f32x4.mul(scale, v128.load(ptr)));
}

/** out[n x h] = x[n x d] . w[d x h] + b[h] */
export function denseForward(
  xPtr: usize, wPtr: usize, bPtr: usize, outPtr: usize, n: i32, d: i32, h: i32,
): void {
  for (let from = 0; from < h; from += TILE) {
    const end = min<i32>(from + TILE, h);
    for (let i = 0; i < n; i++) forwardTile(at(xPtr, i * d), wPtr, bPtr, at(outPtr, i * h), d, h, from, end);
  }
}

/** out[n x h] += x[n x d] . w[d x h]: what `denseForward` adds up for further columns of x, in its order. */
export function denseAdd(xPtr: usize, wPtr: usize, outPtr: usize, n: i32, d: i32, h: i32): void {
  for (let from = 0; from < h; from += TILE) {
    const end = min<i32>(from + TILE, h);
    for (let i = 0; i < n; i++) {
      const out = at(outPtr, i * h);
      forwardTile(at(xPtr, i * d), wPtr, out, out, d, h, from, end);
    }
  }
}

/** One row of x, columns from..end. */
function forwardTile(
  row: usize, wPtr: usize, bPtr: usize, out: usize, d: i32, h: i32, from: i32, end: i32,
): void {
  const step = (<usize>h) * F32;
  let j = from;
  // sixteen columns at once: one number of the row serves four vectors, and no addition waits for the one before
  for (; j + 16 <= end; j += 16) {
    const b = at(bPtr, j);
    let s0 = v128.load(b);
    let s1 = v128.load(b, 16);
    let s2 = v128.load(b, 32);
    let s3 = v128.load(b, 48);
    let w = at(wPtr, j);
    for (let k = 0; k < d; k++) {
      const scale = v128.load32_splat(at(row, k));
      s0 = multiplyAdd(s0, scale, w);
      s1 = multiplyAdd(s1, scale, w + 16);
      s2 = multiplyAdd(s2, scale, w + 32);
      s3 = multiplyAdd(s3, scale, w + 48);
      w += step;
    }
    const o = at(out, j);
    v128.store(o, s0);
    v128.store(o, s1, 16);
    v128.store(o, s2, 32);
    v128.store(o, s3, 48);
  }
  for (; j + 4 <= end; j += 4) {
    let sum = v128.load(at(bPtr, j));
    for (let k = 0; k < d; k++) sum = multiplyAdd(sum, v128.load32_splat(at(row, k)), at(wPtr, k * h + j));
    v128.store(at(out, j), sum);
  }
  for (; j < end; j++) {
    let sum = load<f32>(at(bPtr, j));
    for (let k = 0; k < d; k++) sum += load<f32>(at(row, k)) * load<f32>(at(wPtr, k * h + j));
    store<f32>(at(out, j), sum);
  }
}

/** dw[d x h] = xT . dz, db[h] = column sums of dz; both are overwritten. */
export function denseBackwardWeights(
  xPtr: usize, dzPtr: usize, dwPtr: usize, dbPtr: usize, n: i32, d: i32, h: i32,
): void {
  memory.fill(dwPtr, 0, (<usize>(d * h)) * F32);
  memory.fill(dbPtr, 0, (<usize>h) * F32);
  if (h === 1) {
    backwardColumn(xPtr, dzPtr, dwPtr, dbPtr, n, d);
    return;
  }
  const whole = h & ~15;
  for (let j = 0; j < whole; j += 16) {
    let k = 0;
    for (; k + 2 <= d; k += 2) backwardSquare(at(xPtr, k), at(dzPtr, j), at(dwPtr, k * h + j), n, d, h);
    if (k < d) backwardSquare(at(xPtr, k), at(dzPtr, j), at(dwPtr, k * h + j), n, d, h, false);
  }
  for (let i = 0; i < n; i++) {
    const dz = at(dzPtr, i * h);
    addScaled(dbPtr, dz, 1, 0, h);
    if (whole === h) continue;
    for (let k = 0; k < d; k++) addScaled(at(dwPtr, k * h), dz, load<f32>(at(xPtr, i * d + k)), whole, h);
  }
}

/** Sixteen columns of two rows of dw, or of one: the sums over the batch stay in registers. */
function backwardSquare(x: usize, dz: usize, dw: usize, n: i32, d: i32, h: i32, two: bool = true): void {
  const row = (<usize>d) * F32;
  const step = (<usize>h) * F32;
  // where there is no second row, it is the first once more, and not kept
  const second: usize = two ? F32 : 0;
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let b2 = f32x4.splat(0);
  let b3 = f32x4.splat(0);
  for (let i = 0; i < n; i++) {
    const a = v128.load32_splat(x);
    const b = v128.load32_splat(x + second);
    a0 = multiplyAdd(a0, a, dz);
    a1 = multiplyAdd(a1, a, dz + 16);
    a2 = multiplyAdd(a2, a, dz + 32);
    a3 = multiplyAdd(a3, a, dz + 48);
    b0 = multiplyAdd(b0, b, dz);
    b1 = multiplyAdd(b1, b, dz + 16);
    b2 = multiplyAdd(b2, b, dz + 32);
    b3 = multiplyAdd(b3, b, dz + 48);
    x += row;
    dz += step;
  }
  v128.store(dw, a0);
  v128.store(dw, a1, 16);
  v128.store(dw, a2, 32);
  v128.store(dw, a3, 48);
  if (!two) return;
  dw += step;
  v128.store(dw, b0);
  v128.store(dw, b1, 16);
  v128.store(dw, b2, 32);
  v128.store(dw, b3, 48);
}

/** sum[from..end) += scale * v[from..end) */
function addScaled(sumPtr: usize, vPtr: usize, scale: f32, from: i32, end: i32): void {
  const scales = f32x4.splat(scale);
  let j = from;
  for (; j + 4 <= end; j += 4) {
    v128.store(at(sumPtr, j), multiplyAdd(v128.load(at(sumPtr, j)), scales, at(vPtr, j)));
  }
  for (; j < end; j++) store<f32>(at(sumPtr, j), load<f32>(at(sumPtr, j)) + scale * load<f32>(at(vPtr, j)));
}

/** The same for a layer of one column: then the weights stand side by side. */
function backwardColumn(xPtr: usize, dzPtr: usize, dwPtr: usize, dbPtr: usize, n: i32, d: i32): void {
  for (let from = 0; from < d; from += 8 * TILE) {
    const end = min<i32>(from + 8 * TILE, d);
    for (let i = 0; i < n; i++) addScaled(dwPtr, at(xPtr, i * d), load<f32>(at(dzPtr, i)), from, end);
  }
  for (let i = 0; i < n; i++) store<f32>(dbPtr, load<f32>(dbPtr) + load<f32>(at(dzPtr, i)));
}

/** dx[n x d] = dz[n x h] . wT; four partial sums, added as (0 + 1) + (2 + 3), then the tail. */
export function denseBackwardInput(dzPtr: usize, wPtr: usize, dxPtr: usize, n: i32, d: i32, h: i32): void {
  if (h === 1) {
    memory.fill(dxPtr, 0, (<usize>(n * d)) * F32);
    for (let i = 0; i < n; i++) addScaled(at(dxPtr, i * d), wPtr, load<f32>(at(dzPtr, i)), 0, d);
    return;
  }
  const whole = h & ~3;
  for (let i = 0; i < n; i++) {
    const dz = at(dzPtr, i * h);
    for (let k = 0; k < d; k++) {
      const w = at(wPtr, k * h);
      let lanes = f32x4.splat(0);
      let j = 0;
      for (; j < whole; j += 4) lanes = f32x4.add(lanes, f32x4.mul(v128.load(at(dz, j)), v128.load(at(w, j))));
      let sum: f32 =
        (f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1)) +
        (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
      for (; j < h; j++) sum += load<f32>(at(dz, j)) * load<f32>(at(w, j));
      store<f32>(at(dxPtr, i * d + k), sum);
    }
  }
}
