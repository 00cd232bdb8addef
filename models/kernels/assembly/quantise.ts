// An update becomes whole numbers, and a sum of them weights again. Every length is a multiple of 4: the caller pads with
// zeros, which add nothing to a norm and are never rounded up. Float64 throughout, operations in a fixed order, so the same
// inputs give the same bits on every machine. The plain version is in test/reference-kernels.ts.

// Loaded where they are used in a loop: V8 14 keeps a loaded constant in a register, but builds a written one anew.
const TWO_32: usize = memory.data<f64>([4294967296]);
const ONE: usize = memory.data<f64>([1]);

/** Sum of squares of float32 values: lanes i mod 4 apart, then (0 + 1) + (2 + 3). NaN or infinity if any value is that. */
export function sumOfSquares(xPtr: usize, length: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let end = xPtr + (<usize>length << 2); xPtr < end; xPtr += 16) {
    const four = v128.load(xPtr);
    const a = f64x2.promote_low_f32x4(four);
    const b = f64x2.promote_low_f32x4(upperHalf(four));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  return (
    f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1) +
    (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1))
  );
}

/** floor(v), or one more where bit / 2^32 is below the rest: two lanes. */
@inline
function round(v: v128, bits: v128, two32: v128, one: v128): v128 {
  const floor = f64x2.floor(v);
  const up = f64x2.lt(f64x2.convert_low_i32x4_u(bits), f64x2.mul(f64x2.sub(v, floor), two32));
  return f64x2.add(floor, v128.and(up, one));
}

/** Of the last call of `roundedSquares`: values outside [-offset, offset). */
let outside: i32 = 0;

export function saturated(): i32 {
  return outside;
}

/** The upper two words of a vector in the place of the lower two. */
@inline
function upperHalf(x: v128): v128 {
  return v128.shuffle<u32>(x, x, 2, 3, 0, 1);
}

/** The lower two floats of `x` times `f`, rounded by the lower two words of `bits`. */
@inline
function scaleAndRound(x: v128, bits: v128, f: v128, two32: v128, one: v128): v128 {
  return round(f64x2.mul(f64x2.promote_low_f32x4(x), f), bits, two32, one);
}

/**
 * Sum of squares of the values times `factor`, rounded at random with a 32-bit number each; exact while below 2^53.
 * Counts the values that leave [-offset, offset).
 */
export function roundedSquares(xPtr: usize, bitsPtr: usize, length: i32, factor: f64, offset: f64): f64 {
  const f = f64x2.splat(factor);
  const least = f64x2.splat(-offset);
  const most = f64x2.splat(offset - 1);
  const two32 = v128.load64_splat(TWO_32);
  const one = v128.load64_splat(ONE);
  let sum = f64x2.splat(0);
  let kept = i64x2.splat(0);
  for (let j: usize = 0; j < <usize>length << 2; j += 16) {
    const four = v128.load(xPtr + j);
    const bits = v128.load(bitsPtr + j);
    const a = scaleAndRound(four, bits, f, two32, one);
    const b = scaleAndRound(upperHalf(four), upperHalf(bits), f, two32, one);
    sum = f64x2.add(sum, f64x2.mul(a, a));
    sum = f64x2.add(sum, f64x2.mul(b, b));
    // A true lane is -1.
    kept = i64x2.sub(kept, v128.and(f64x2.ge(a, least), f64x2.le(a, most)));
    kept = i64x2.sub(kept, v128.and(f64x2.ge(b, least), f64x2.le(b, most)));
  }
  outside = length - <i32>(i64x2.extract_lane(kept, 0) + i64x2.extract_lane(kept, 1));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** The same rounding; values set to the nearest end of [-offset, offset) and shifted by the offset, as u32. */
export function quantise(
  xPtr: usize, bitsPtr: usize, outPtr: usize, length: i32, factor: f64, offset: f64,
): void {
  const f = f64x2.splat(factor);
  const shift = f64x2.splat(offset);
  const zero = f64x2.splat(0);
  const most = f64x2.splat(2 * offset - 1);
  const two32 = v128.load64_splat(TWO_32);
  const one = v128.load64_splat(ONE);
  for (let j: usize = 0; j < <usize>length << 2; j += 16) {
    const four = v128.load(xPtr + j);
    const bits = v128.load(bitsPtr + j);
    const a = scaleAndRound(four, bits, f, two32, one);
    const b = scaleAndRound(upperHalf(four), upperHalf(bits), f, two32, one);
    const low = f64x2.pmin(f64x2.pmax(f64x2.add(a, shift), zero), most);
    const high = f64x2.pmin(f64x2.pmax(f64x2.add(b, shift), zero), most);
    v128.store(
      outPtr + j,
      v128.shuffle<u32>(i32x4.trunc_sat_f64x2_u_zero(low), i32x4.trunc_sat_f64x2_u_zero(high), 0, 1, 4, 5),
    );
  }
}

/**
 * next = float32(w + (sum - shift) / divisor). Returns whether every sum is at most `most` and every result finite.
 */
export function applyMean(
  wPtr: usize, sumPtr: usize, nextPtr: usize, length: i32, shift: f64, divisor: f64, most: u32,
): bool {
  const s = f64x2.splat(shift);
  const d = f64x2.splat(divisor);
  const limit = i32x4.splat(most);
  let bad = i32x4.splat(0);
  for (let j: usize = 0; j < <usize>length << 2; j += 16) {
    const w = v128.load(wPtr + j);
    const sum = v128.load(sumPtr + j);
    bad = v128.or(bad, v128.gt<u32>(sum, limit));
    const low = f64x2.add(
      f64x2.promote_low_f32x4(w), f64x2.div(f64x2.sub(f64x2.convert_low_i32x4_u(sum), s), d));
    const high = f64x2.add(
      f64x2.promote_low_f32x4(v128.shuffle<u32>(w, w, 2, 3, 0, 1)),
      f64x2.div(f64x2.sub(f64x2.convert_low_i32x4_u(v128.shuffle<u32>(sum, sum, 2, 3, 0, 1)), s), d));
    const next = v128.shuffle<u32>(
      f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
    v128.store(nextPtr + j, next);
    // x - x is 0 for finite x, NaN otherwise; NaN is unequal to itself.
    const rest = f32x4.sub(next, next);
    bad = v128.or(bad, f32x4.ne(rest, rest));
  }
  return !v128.any_true(bad);
}
