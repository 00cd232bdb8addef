// Training kernels. Every matrix is row-major f32; every argument named *Ptr is a byte offset into the memory.
// The order of every addition is fixed and nothing is relaxed or fused, so the same inputs give the same bits on
// every machine. Reference: test/reference-kernels.ts performs the same operations in the same order in plain TypeScript.

export { sumOfSquares, roundedSquares, saturated, quantise, applyMean } from './quantise';

const F32: usize = 4;

/** First byte that the caller may use. */
export function heapBase(): usize {
  return __heap_base;
}

function at(ptr: usize, index: i32): usize {
  return ptr + ((<usize>index) << 2);
}

/** out[n x h] = x[n x d] . w[d x h] + b[h] */
export function denseForward(
  xPtr: usize, wPtr: usize, bPtr: usize, outPtr: usize, n: i32, d: i32, h: i32,
): void {
  const whole = h & ~3;
  for (let i = 0; i < n; i++) {
    const row = at(xPtr, i * d);
    const out = at(outPtr, i * h);
    let j = 0;
    for (; j < whole; j += 4) {
      let sum = v128.load(at(bPtr, j));
      for (let k = 0; k < d; k++) {
        const scale = f32x4.splat(load<f32>(at(row, k)));
        sum = f32x4.add(sum, f32x4.mul(scale, v128.load(at(wPtr, k * h + j))));
      }
      v128.store(at(out, j), sum);
    }
    for (; j < h; j++) {
      let sum = load<f32>(at(bPtr, j));
      for (let k = 0; k < d; k++) sum += load<f32>(at(row, k)) * load<f32>(at(wPtr, k * h + j));
      store<f32>(at(out, j), sum);
    }
  }
}

/** dw[d x h] = xT . dz, db[h] = column sums of dz; both are overwritten. */
export function denseBackwardWeights(
  xPtr: usize, dzPtr: usize, dwPtr: usize, dbPtr: usize, n: i32, d: i32, h: i32,
): void {
  memory.fill(dwPtr, 0, (<usize>(d * h)) * F32);
  memory.fill(dbPtr, 0, (<usize>h) * F32);
  const whole = h & ~3;
  for (let i = 0; i < n; i++) {
    const row = at(xPtr, i * d);
    const dz = at(dzPtr, i * h);
    for (let k = 0; k < d; k++) {
      const value = load<f32>(at(row, k));
      const scale = f32x4.splat(value);
      const dw = at(dwPtr, k * h);
      let j = 0;
      for (; j < whole; j += 4) {
        v128.store(at(dw, j), f32x4.add(v128.load(at(dw, j)), f32x4.mul(scale, v128.load(at(dz, j)))));
      }
      for (; j < h; j++) store<f32>(at(dw, j), load<f32>(at(dw, j)) + value * load<f32>(at(dz, j)));
    }
    let j = 0;
    for (; j < whole; j += 4) v128.store(at(dbPtr, j), f32x4.add(v128.load(at(dbPtr, j)), v128.load(at(dz, j))));
    for (; j < h; j++) store<f32>(at(dbPtr, j), load<f32>(at(dbPtr, j)) + load<f32>(at(dz, j)));
  }
}

/** dx[n x d] = dz[n x h] . wT; four partial sums, added as (0 + 1) + (2 + 3), then the tail. */
export function denseBackwardInput(dzPtr: usize, wPtr: usize, dxPtr: usize, n: i32, d: i32, h: i32): void {
  const whole = h & ~3;
  for (let i = 0; i < n; i++) {
    const dz = at(dzPtr, i * h);
    for (let k = 0; k < d; k++) {
      const w = at(wPtr, k * h);
      let lanes = f32x4.splat(0);
      let j = 0;
      for (; j < whole; j += 4) {
        lanes = f32x4.add(lanes, f32x4.mul(v128.load(at(dz, j)), v128.load(at(w, j))));
      }
      let sum: f32 =
        (f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1)) +
        (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
      for (; j < h; j++) sum += load<f32>(at(dz, j)) * load<f32>(at(w, j));
      store<f32>(at(dxPtr, i * d + k), sum);
    }
  }
}

/** a = max(a, 0) in place. */
export function relu(aPtr: usize, length: i32): void {
  const whole = length & ~3;
  const zero = f32x4.splat(0);
  let i = 0;
  for (; i < whole; i += 4) v128.store(at(aPtr, i), f32x4.max(v128.load(at(aPtr, i)), zero));
  for (; i < length; i++) store<f32>(at(aPtr, i), max<f32>(load<f32>(at(aPtr, i)), 0));
}

/** grad = a > 0 ? grad : 0 in place, where a is the output of relu. */
export function reluBackward(aPtr: usize, gradPtr: usize, length: i32): void {
  const whole = length & ~3;
  const zero = f32x4.splat(0);
  let i = 0;
  for (; i < whole; i += 4) {
    const open = f32x4.gt(v128.load(at(aPtr, i)), zero);
    v128.store(at(gradPtr, i), v128.and(v128.load(at(gradPtr, i)), open));
  }
  for (; i < length; i++) {
    if (!(load<f32>(at(aPtr, i)) > 0)) store<f32>(at(gradPtr, i), 0);
  }
}

const LN2_HIGH: f64 = 6.93147180369123816490e-01;
const LN2_LOW: f64 = 1.90821492927058770002e-10;

/** e^x for x <= 0, relative error below 1e-15: reduction by ln 2 (Cody and Waite), Taylor series of degree 14. */
export function expNegative(x: f64): f64 {
  if (x < -708) return 0;
  const k = nearest(x * 1.4426950408889634);
  const r = (x - k * LN2_HIGH) - k * LN2_LOW;
  let sum: f64 = 1;
  for (let term = 14; term > 0; term--) sum = 1 + (r / <f64>term) * sum;
  return sum * reinterpret<f64>((<i64>k + 1023) << 52);
}

/** ln(1 + u) for 0 <= u <= 1, relative error below 1e-15: 2 atanh(u / (2 + u)), series to degree 33. */
export function logOnePlus(u: f64): f64 {
  const s = u / (2 + u);
  const square = s * s;
  let sum: f64 = 0;
  for (let degree = 33; degree > 0; degree -= 2) sum = 1 / <f64>degree + square * sum;
  return 2 * s * sum;
}

/** probability[i] = 1 / (1 + e^-z[i]) */
export function sigmoid(zPtr: usize, outPtr: usize, length: i32): void {
  for (let i = 0; i < length; i++) {
    const z = <f64>load<f32>(at(zPtr, i));
    const e = expNegative(-abs(z));
    store<f32>(at(outPtr, i), <f32>((z >= 0 ? 1 : e) / (1 + e)));
  }
}

/**
 * Binary cross-entropy of logits: sum_i weight_i (max(z,0) - z y + ln(1 + e^-|z|)) / sum_i weight_i, and its gradient
 * with respect to z. No positive weight gives loss 0 and gradient 0.
 */
export function bceWithLogits(zPtr: usize, yPtr: usize, weightPtr: usize, gradPtr: usize, n: i32): f64 {
  let total: f64 = 0;
  for (let i = 0; i < n; i++) total += <f64>load<f32>(at(weightPtr, i));
  const inverse: f64 = total > 0 ? 1 / total : 0;
  let loss: f64 = 0;
  for (let i = 0; i < n; i++) {
    const z = <f64>load<f32>(at(zPtr, i));
    const y = <f64>load<f32>(at(yPtr, i));
    const weight = <f64>load<f32>(at(weightPtr, i)) * inverse;
    const e = expNegative(-abs(z));
    loss += weight * ((z > 0 ? z : 0) - z * y + logOnePlus(e));
    store<f32>(at(gradPtr, i), <f32>(weight * ((z >= 0 ? 1 : e) / (1 + e) - y)));
  }
  return loss;
}

/** One step of Adam (Kingma and Ba 2015, algorithm 1); correction1 = 1 - beta1^t, correction2 = 1 - beta2^t. */
export function adam(
  wPtr: usize, gPtr: usize, mPtr: usize, vPtr: usize, length: i32,
  rate: f32, beta1: f32, beta2: f32, epsilon: f32, correction1: f32, correction2: f32,
): void {
  const whole = length & ~3;
  let i = 0;
  for (; i < whole; i += 4) {
    const g = v128.load(at(gPtr, i));
    const m = f32x4.add(
      f32x4.mul(f32x4.splat(beta1), v128.load(at(mPtr, i))), f32x4.mul(f32x4.splat(<f32>1 - beta1), g));
    const v = f32x4.add(
      f32x4.mul(f32x4.splat(beta2), v128.load(at(vPtr, i))),
      f32x4.mul(f32x4.splat(<f32>1 - beta2), f32x4.mul(g, g)));
    v128.store(at(mPtr, i), m);
    v128.store(at(vPtr, i), v);
    const root = f32x4.add(f32x4.sqrt(f32x4.div(v, f32x4.splat(correction2))), f32x4.splat(epsilon));
    const step = f32x4.div(f32x4.mul(f32x4.splat(rate), f32x4.div(m, f32x4.splat(correction1))), root);
    v128.store(at(wPtr, i), f32x4.sub(v128.load(at(wPtr, i)), step));
  }
  for (; i < length; i++) {
    const g = load<f32>(at(gPtr, i));
    const m: f32 = beta1 * load<f32>(at(mPtr, i)) + (<f32>1 - beta1) * g;
    const v: f32 = beta2 * load<f32>(at(vPtr, i)) + (<f32>1 - beta2) * (g * g);
    store<f32>(at(mPtr, i), m);
    store<f32>(at(vPtr, i), v);
    const root: f32 = sqrt<f32>(v / correction2) + epsilon;
    store<f32>(at(wPtr, i), load<f32>(at(wPtr, i)) - (rate * (m / correction1)) / root);
  }
}
