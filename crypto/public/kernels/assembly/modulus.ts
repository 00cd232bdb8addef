// The three primes and arithmetic modulo one of them, four 32-bit lanes at a time.
//
// Every p is below 2^30, so that values up to 4p fit a lane ("lazy" residues, Harvey 2014, "Faster arithmetic for
// number-theoretic transforms"). Nothing here branches on, or indexes by, a value.

export const N: i32 = 4096;
/** Bytes of one polynomial of 32-bit words. */
export const POLY: usize = 4096 * 4;

/** Prime number `i` of q. */
@inline
export function primeOf(i: i32): u32 {
  return i == 0 ? 1073651713 : i == 1 ? 1073668097 : 1073692673;
}

/** The least primitive 8192-th root of unity modulo prime `i`; with the bit-reversed order it fixes the NTT domain. */
@inline
export function rootOf(i: i32): u32 {
  return i == 0 ? 43832 : i == 1 ? 106172 : 236231;
}

/** a * b mod p for a scalar pair; set-up only. */
@inline
export function mulmod(a: u32, b: u32, p: u32): u32 {
  return <u32>((<u64>a * <u64>b) % <u64>p);
}

/** a^e mod p; set-up only, on public constants. */
export function powmod(a: u32, e: u32, p: u32): u32 {
  let result: u32 = 1;
  while (e > 0) {
    if (e & 1) result = mulmod(result, a, p);
    a = mulmod(a, a, p);
    e >>= 1;
  }
  return result;
}

/** p^-1 mod 2^32 by Newton's iteration. */
export function inverse32(p: u32): u32 {
  let x: u32 = p;
  for (let i = 0; i < 5; i++) x *= 2 - p * x;
  return x;
}

/** floor(w * 2^32 / p): Shoup's companion of the constant w. */
@inline
export function shoup(w: u32, p: u32): u32 {
  return <u32>((<u64>w << 32) / <u64>p);
}

/** The upper halves of the four 64-bit products. */
@inline
export function mulhi(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(v128.extmul_low<u32>(a, b), v128.extmul_high<u32>(a, b), 1, 3, 5, 7);
}

/** x * w mod p, in [0, 2p), for any 32-bit x and a constant w < p with its Shoup companion. */
@inline
export function mulShoup(x: v128, w: v128, ws: v128, p: v128): v128 {
  return v128.sub<u32>(v128.mul<u32>(x, w), v128.mul<u32>(mulhi(x, ws), p));
}

/** x - m where that is not negative, else x: the unsigned minimum does the comparison without a branch. */
@inline
export function reduceOnce(x: v128, m: v128): v128 {
  return v128.min<u32>(x, v128.sub<u32>(x, m));
}

/** Montgomery's REDC of four 64-bit values (two a vector) below 2^32 * p: value / 2^32 mod p, in [0, 2p). */
@inline
export function redc(low: v128, high: v128, p: v128, pInverse: v128): v128 {
  const m = v128.mul<u32>(v128.shuffle<u32>(low, high, 0, 2, 4, 6), pInverse);
  return v128.add<u32>(v128.sub<u32>(v128.shuffle<u32>(low, high, 1, 3, 5, 7), mulhi(m, p)), p);
}

/** a * b / 2^32 mod p, in [0, 2p), where a * b < 2^32 * p. */
@inline
export function mulMontgomery(a: v128, b: v128, p: v128, pInverse: v128): v128 {
  return redc(v128.extmul_low<u32>(a, b), v128.extmul_high<u32>(a, b), p, pInverse);
}
