// Training kernels. Every matrix is row-major f32; every argument named *Ptr is a byte offset into the memory.
// The order of every addition is fixed and nothing is relaxed or fused, so the same inputs give the same bits on
// every machine. References: test/reference-kernels.ts and test/reference-graph-kernels.ts perform the same operations in the
// same order in plain TypeScript.

import { tanh4 } from './lanes';

export { denseForward, denseAdd, denseBackwardWeights, denseBackwardInput } from './dense';
export { gruForward, gruBackward } from './gru';
export { meanRows, meanRowsBackward } from './sparse';
export { sumOfSquares, roundedSquares, saturated, quantise, applyMean } from './quantise';

/** First byte that the caller may use. */
export function heapBase(): usize {
  return __heap_base;
}

function at(ptr: usize, index: i32): usize {
  return ptr + ((<usize>index) << 2);
}

/** sum += v */
export function add(sumPtr: usize, vPtr: usize, length: i32): void {
  const whole = length & ~3;
  let i = 0;
  for (; i < whole; i += 4) {
    v128.store(at(sumPtr, i), f32x4.add(v128.load(at(sumPtr, i)), v128.load(at(vPtr, i))));
  }
  for (; i < length; i++) store<f32>(at(sumPtr, i), load<f32>(at(sumPtr, i)) + load<f32>(at(vPtr, i)));
}

/** out = tanh(x), relative error below that of float32; -0, infinities and NaN as IEEE 754 has them. */
export function tanh(xPtr: usize, outPtr: usize, length: i32): void {
  const whole = length & ~3;
  let i = 0;
  for (; i < whole; i += 4) v128.store(at(outPtr, i), tanh4(v128.load(at(xPtr, i))));
  for (; i < length; i++) v128.store32_lane(at(outPtr, i), tanh4(v128.load32_zero(at(xPtr, i))), 0);
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
