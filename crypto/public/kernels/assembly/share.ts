// A committee member's share of a key: unpacked or expanded, and combined for the low-degree test. Shares are secret:
// no branch and no address depends on an element, and the loader wipes what it used.
import { N } from './modulus';
import { keepBelow } from './uniform';

const P: u32 = 131071;

/** One share on its way in: packed elements or key stream, with the bytes that a vector load reads beyond the last. */
export const shareBytes: usize = memory.data(16896, 16);
/** 4,104 elements, a word each; the masks are the last eight. */
export const share: usize = memory.data(4104 * 4, 16);
/** 8 rows of 4,096 challenges of 16 bits. */
export const challenge: usize = memory.data(8 * 4096 * 2, 16);
/** 8 combinations. */
export const combinations: usize = memory.data(8 * 4, 16);

/** The elements' lower 9 and upper 8 bits, 16 bits each: what a signed product of 16 bits takes. */
const LOW: usize = memory.data(4096 * 2, 16);
const HIGH: usize = memory.data(4096 * 2, 16);

/**
 * Unpacks `count` (a multiple of 8) elements of 17 bits from `shareBytes` to `share`; whether all are below 131071.
 * Eight elements are 17 bytes; element k begins in byte 2k, at bit k, and ends within three bytes.
 */
export function unpackShare(count: i32): bool {
  const mask = i32x4.splat(P);
  const none = i32x4.splat(0);
  // Lanes cannot be shifted each by its own: up to bit 7 by a product, then down together.
  const even = i32x4(128, 64, 32, 16);
  const odd = i32x4(8, 4, 2, 1);
  let bad = none;
  let from = shareBytes;
  for (let out = share, end = share + (<usize>count << 2); out < end; out += 32) {
    const a = v128.load(from);
    const b = v128.load(from + 8);
    const first = v128.shuffle<u8>(a, none, 0, 1, 2, 16, 2, 3, 4, 16, 4, 5, 6, 16, 6, 7, 8, 16);
    const second = v128.shuffle<u8>(b, none, 0, 1, 2, 16, 2, 3, 4, 16, 4, 5, 6, 16, 6, 7, 8, 16);
    const x = v128.and(v128.shr<u32>(v128.mul<u32>(first, even), 7), mask);
    const y = v128.and(v128.shr<u32>(v128.mul<u32>(second, odd), 7), mask);
    bad = v128.or(bad, v128.or(v128.eq<u32>(x, mask), v128.eq<u32>(y, mask)));
    v128.store(out, x);
    v128.store(out + 16, y);
    from += 17;
  }
  return !v128.any_true(bad);
}

/** Uniform elements of the first `words` words at `shareBytes`, 17 bits each, to `share`; returns how many of `count`. */
export function sampleShare(words: i32, count: i32): i32 {
  return keepBelow(shareBytes, words, share, count, P, P);
}

/**
 * The 8 combinations of the share at `share` (elements below 131071) with the challenges at `challenge`: mask r plus the
 * sum of challenge times element, modulo 131071, to `combinations`.
 *
 * The product of 16 bits is signed: of a challenge c it takes c - 2^15, and 2^15 times the sum of the elements is added at
 * the end. 64 sums of two products stay below 2 * 64 * 2^15 * 511 < 2^31.
 */
export function combineShare(): void {
  const lowBits = i32x4.splat(511);
  let elements = i32x4.splat(0); // 1,024 times 17 bits a lane
  for (let j: usize = 0; j < <usize>N << 1; j += 16) {
    const a = v128.load(share + (j << 1));
    const b = v128.load(share + (j << 1) + 16);
    elements = v128.add<u32>(elements, v128.add<u32>(a, b));
    v128.store(LOW + j, v128.narrow<i32>(v128.and(a, lowBits), v128.and(b, lowBits)));
    v128.store(HIGH + j, v128.narrow<i32>(v128.shr<u32>(a, 9), v128.shr<u32>(b, 9)));
  }
  const offset = sumOfLanes(wide(elements)) << 15;
  const flip = i16x8.splat(-32768);
  for (let r: usize = 0; r < 8; r++) {
    let row = challenge + (r << 13);
    let low = i64x2.splat(0);
    let high = i64x2.splat(0);
    for (let block: usize = 0; block < <usize>N << 1; block += 1024) {
      let l = i32x4.splat(0);
      let h = i32x4.splat(0);
      for (let j = block; j < block + 1024; j += 16) {
        const c = v128.xor(v128.load(row + j), flip);
        l = v128.add<i32>(l, v128.dot<i16>(c, v128.load(LOW + j)));
        h = v128.add<i32>(h, v128.dot<i16>(c, v128.load(HIGH + j)));
      }
      low = v128.add<i64>(low, wide(l));
      high = v128.add<i64>(high, wide(h));
    }
    const mask = <i64>load<u32>(share + (<usize>N << 2) + (r << 2));
    const sum = sumOfLanes(low) + (sumOfLanes(high) << 9) + offset + mask; // the plain one: 0 to 2^45
    store<u32>(combinations + (r << 2), reduce(<u64>sum));
  }
}

/** Two sums of two lanes each, in 64 bits. */
@inline
function wide(x: v128): v128 {
  return v128.add<i64>(v128.extend_low<i32>(x), v128.extend_high<i32>(x));
}

@inline
function sumOfLanes(x: v128): i64 {
  return v128.extract_lane<i64>(x, 0) + v128.extract_lane<i64>(x, 1);
}

/** 2^17 = 1 mod p: folded, 45 -> 29 -> 18 -> at most p. */
@inline
function reduce(x: u64): u32 {
  const p: u64 = P;
  x = (x & p) + (x >> 17);
  x = (x & p) + (x >> 17);
  x = (x & p) + (x >> 17);
  return <u32>(x - (p & (0 - <u64>(x >= p))));
}

/** Overwrites all that held a share. */
export function wipeShare(): void {
  memory.fill(shareBytes, 0, 16896);
  memory.fill(share, 0, 4104 * 4);
  memory.fill(combinations, 0, 8 * 4);
  memory.fill(LOW, 0, 4096 * 2);
  memory.fill(HIGH, 0, 4096 * 2);
}
