// exp, sigmoid and tanh in software, float64 in two lanes, for float32 values in four: the same bits on every machine, and
// correct beyond what float32 shows. Plain version: test/reference-graph-kernels.ts.

const LN2_HIGH: f64 = 6.93147180369123816490e-01;
const LN2_LOW: f64 = 1.90821492927058770002e-10;

/** sum * r + term */
@inline
function horner(sum: v128, r: v128, term: f64): v128 {
  return f64x2.add(f64x2.mul(sum, r), f64x2.splat(term));
}

/** e^x for x <= 0, relative error below 1e-14: reduction by ln 2 (Cody and Waite), Taylor series of degree 11. */
@inline
function expNegative2(x: v128): v128 {
  x = f64x2.max(x, f64x2.splat(-708));
  const k = f64x2.nearest(f64x2.mul(x, f64x2.splat(1.4426950408889634)));
  const r = f64x2.sub(
    f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HIGH))), f64x2.mul(k, f64x2.splat(LN2_LOW)));
  let sum = f64x2.splat(1.0 / 39916800.0);
  sum = horner(sum, r, 1.0 / 3628800.0);
  sum = horner(sum, r, 1.0 / 362880.0);
  sum = horner(sum, r, 1.0 / 40320.0);
  sum = horner(sum, r, 1.0 / 5040.0);
  sum = horner(sum, r, 1.0 / 720.0);
  sum = horner(sum, r, 1.0 / 120.0);
  sum = horner(sum, r, 1.0 / 24.0);
  sum = horner(sum, r, 1.0 / 6.0);
  sum = horner(sum, r, 0.5);
  sum = horner(sum, r, 1);
  sum = horner(sum, r, 1);
  const exponent = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(k));
  return f64x2.mul(sum, i64x2.shl(i64x2.add(exponent, i64x2.splat(1023)), 52));
}

/** 1 / (1 + e^-x) */
@inline
function sigmoid2(x: v128): v128 {
  const one = f64x2.splat(1);
  const e = expNegative2(f64x2.neg(f64x2.abs(x)));
  return f64x2.div(v128.bitselect(one, e, f64x2.ge(x, f64x2.splat(0))), f64x2.add(one, e));
}

/** (1 - e) / (1 + e) with e = e^-2|x|; below 1/16, where the difference would cancel, the Taylor series to degree 9. */
@inline
function tanh2(x: v128): v128 {
  const one = f64x2.splat(1);
  const size = f64x2.abs(x);
  const e = expNegative2(f64x2.mul(size, f64x2.splat(-2)));
  const far = f64x2.div(f64x2.sub(one, e), f64x2.add(one, e));
  const square = f64x2.mul(size, size);
  let series = f64x2.splat(62.0 / 2835.0);
  series = horner(series, square, -17.0 / 315.0);
  series = horner(series, square, 2.0 / 15.0);
  series = horner(series, square, -1.0 / 3.0);
  series = horner(series, square, 1);
  const value = v128.bitselect(f64x2.mul(size, series), far, f64x2.lt(size, f64x2.splat(0.0625)));
  return v128.or(value, v128.and(x, f64x2.splat(-0.0)));
}

/** The upper two floats as float64. */
@inline
function promoteHigh(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<u32>(x, x, 2, 3, 0, 1));
}

/** Two pairs of float64 as four float32. */
@inline
function demote(low: v128, high: v128): v128 {
  return v128.shuffle<u32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

export function sigmoid4(x: v128): v128 {
  return demote(sigmoid2(f64x2.promote_low_f32x4(x)), sigmoid2(promoteHigh(x)));
}

export function tanh4(x: v128): v128 {
  return demote(tanh2(f64x2.promote_low_f32x4(x)), tanh2(promoteHigh(x)));
}
