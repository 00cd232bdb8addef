// Negacyclic number-theoretic transform of Z_p[X]/(X^4096 + 1), in place.
//
// Longa and Naehrig 2016, "Speeding up the number theoretic transform for faster ideal lattice-based cryptography",
// algorithms 1 and 2, with Harvey's lazy butterflies. Output of `forward` at index i is the polynomial's value at
// psi^(2 * bitreverse12(i) + 1), psi the least primitive 8192-th root of unity: the order Microsoft SEAL uses as well.
import { N, POLY, inverse32, mulMontgomery, mulShoup, mulmod, powmod, primeOf, reduceOnce, rootOf, shoup } from './modulus';

const W: usize = memory.data(3 * 4096 * 4, 16);
const W_SHOUP: usize = memory.data(3 * 4096 * 4, 16);
const V: usize = memory.data(3 * 4096 * 4, 16);
const V_SHOUP: usize = memory.data(3 * 4096 * 4, 16);

function bitReverse12(i: i32): i32 {
  let r = 0;
  for (let b = 0; b < 12; b++) r |= ((i >> b) & 1) << (11 - b);
  return r;
}

/** Fills the root tables; called once, when the module starts. */
export function fillTables(): void {
  for (let k = 0; k < 3; k++) {
    const p = primeOf(k);
    const psi = rootOf(k);
    const inversePsi = powmod(psi, p - 2, p);
    const inverseN = powmod(N, p - 2, p);
    let w: u32 = 1;
    let v: u32 = 1;
    for (let i = 0; i < N; i++) {
      const at = <usize>k * POLY + ((<usize>bitReverse12(i)) << 2);
      store<u32>(W + at, w);
      store<u32>(W_SHOUP + at, shoup(w, p));
      // The last inverse stage uses entry 1 alone, and entry 0 is never a twiddle: both carry the factor 1/N.
      const scaled = bitReverse12(i) < 2 ? mulmod(v, inverseN, p) : v;
      store<u32>(V + at, scaled);
      store<u32>(V_SHOUP + at, shoup(scaled, p));
      w = mulmod(w, psi, p);
      v = mulmod(v, inversePsi, p);
    }
  }
}

/** Forward transform of the polynomial at `x`, residues below 4p in, below p out. */
export function forward(x: usize, k: i32): void {
  const p = i32x4.splat(primeOf(k));
  const p2 = i32x4.splat(2 * primeOf(k));
  const w0 = W + <usize>k * POLY;
  const s0 = W_SHOUP + <usize>k * POLY;
  let t: usize = POLY >> 1; // in bytes
  for (let m: usize = 1; m <= <usize>(N >> 3); m <<= 1) {
    for (let i: usize = 0; i < m; i++) {
      const w = v128.load32_splat(w0 + ((m + i) << 2));
      const s = v128.load32_splat(s0 + ((m + i) << 2));
      const from = x + 2 * i * t;
      for (let j = from; j < from + t; j += 16) {
        const a = reduceOnce(v128.load(j), p2);
        const b = mulShoup(v128.load(j + t), w, s, p);
        v128.store(j, v128.add<u32>(a, b));
        v128.store(j + t, v128.add<u32>(v128.sub<u32>(a, b), p2));
      }
    }
    t >>= 1;
  }
  // The last two stages pair neighbours 2 and 1 apart: eight values stay in two registers for both.
  const half = w0 + (<usize>N << 1);
  const halfS = s0 + (<usize>N << 1);
  const quarter = w0 + <usize>N;
  const quarterS = s0 + <usize>N;
  for (let i: usize = 0; i < <usize>(N >> 3); i++) {
    const at = x + (i << 5);
    const first = v128.load(at);
    const second = v128.load(at + 16);
    let a = reduceOnce(v128.shuffle<u32>(first, second, 0, 1, 4, 5), p2);
    let b = v128.shuffle<u32>(first, second, 2, 3, 6, 7);
    let w = v128.load64_zero(quarter + (i << 3));
    let s = v128.load64_zero(quarterS + (i << 3));
    b = mulShoup(b, v128.shuffle<u32>(w, w, 0, 0, 1, 1), v128.shuffle<u32>(s, s, 0, 0, 1, 1), p);
    const sum = v128.add<u32>(a, b); // values 0 1 4 5
    const difference = v128.add<u32>(v128.sub<u32>(a, b), p2); // values 2 3 6 7
    a = reduceOnce(v128.shuffle<u32>(sum, difference, 0, 4, 2, 6), p2); // 0 2 4 6
    b = v128.shuffle<u32>(sum, difference, 1, 5, 3, 7); // 1 3 5 7
    w = v128.load(half + (i << 4));
    s = v128.load(halfS + (i << 4));
    b = mulShoup(b, w, s, p);
    const even = reduceOnce(reduceOnce(v128.add<u32>(a, b), p2), p);
    const odd = reduceOnce(reduceOnce(v128.add<u32>(v128.sub<u32>(a, b), p2), p2), p);
    v128.store(at, v128.shuffle<u32>(even, odd, 0, 4, 1, 5));
    v128.store(at + 16, v128.shuffle<u32>(even, odd, 2, 6, 3, 7));
  }
}

/** Inverse transform with the factor 1/N, residues below 2p in and out (lazy). */
export function inverseLazy(x: usize, k: i32): void {
  const p = i32x4.splat(primeOf(k));
  const p2 = i32x4.splat(2 * primeOf(k));
  const v0 = V + <usize>k * POLY;
  const s0 = V_SHOUP + <usize>k * POLY;
  const half = v0 + (<usize>N << 1);
  const halfS = s0 + (<usize>N << 1);
  const quarter = v0 + <usize>N;
  const quarterS = s0 + <usize>N;
  for (let i: usize = 0; i < <usize>(N >> 3); i++) {
    const at = x + (i << 5);
    const first = v128.load(at);
    const second = v128.load(at + 16);
    let a = v128.shuffle<u32>(first, second, 0, 2, 4, 6);
    let b = v128.shuffle<u32>(first, second, 1, 3, 5, 7);
    let v = v128.load(half + (i << 4));
    let s = v128.load(halfS + (i << 4));
    const even = reduceOnce(v128.add<u32>(a, b), p2); // 0 2 4 6
    const odd = mulShoup(v128.add<u32>(v128.sub<u32>(a, b), p2), v, s, p); // 1 3 5 7
    a = v128.shuffle<u32>(even, odd, 0, 4, 2, 6); // 0 1 4 5
    b = v128.shuffle<u32>(even, odd, 1, 5, 3, 7); // 2 3 6 7
    v = v128.load64_zero(quarter + (i << 3));
    s = v128.load64_zero(quarterS + (i << 3));
    const sum = reduceOnce(v128.add<u32>(a, b), p2);
    const difference = mulShoup(
      v128.add<u32>(v128.sub<u32>(a, b), p2),
      v128.shuffle<u32>(v, v, 0, 0, 1, 1),
      v128.shuffle<u32>(s, s, 0, 0, 1, 1),
      p,
    );
    v128.store(at, v128.shuffle<u32>(sum, difference, 0, 1, 4, 5));
    v128.store(at + 16, v128.shuffle<u32>(sum, difference, 2, 3, 6, 7));
  }
  let t: usize = 16;
  for (let h: usize = <usize>(N >> 3); h > 1; h >>= 1) {
    for (let i: usize = 0; i < h; i++) {
      const v = v128.load32_splat(v0 + ((h + i) << 2));
      const s = v128.load32_splat(s0 + ((h + i) << 2));
      const from = x + 2 * i * t;
      for (let j = from; j < from + t; j += 16) {
        const a = v128.load(j);
        const b = v128.load(j + t);
        v128.store(j, reduceOnce(v128.add<u32>(a, b), p2));
        v128.store(j + t, mulShoup(v128.add<u32>(v128.sub<u32>(a, b), p2), v, s, p));
      }
    }
    t <<= 1;
  }
  const scale = v128.load32_splat(v0);
  const scaleS = v128.load32_splat(s0);
  const v = v128.load32_splat(v0 + 4);
  const s = v128.load32_splat(s0 + 4);
  for (let j = x; j < x + (POLY >> 1); j += 16) {
    const a = v128.load(j);
    const b = v128.load(j + (POLY >> 1));
    v128.store(j, mulShoup(v128.add<u32>(a, b), scale, scaleS, p));
    v128.store(j + (POLY >> 1), mulShoup(v128.add<u32>(v128.sub<u32>(a, b), p2), v, s, p));
  }
}

/** Inverse transform, residues below p out. */
export function inverse(x: usize, k: i32): void {
  inverseLazy(x, k);
  const p = i32x4.splat(primeOf(k));
  for (let j = x; j < x + POLY; j += 16) v128.store(j, reduceOnce(v128.load(j), p));
}

/** x[i] * 2^32 mod p, below p: the form that `multiply` takes as its second factor. */
export function toMontgomery(x: usize, k: i32): void {
  const p = primeOf(k);
  const r = <u32>((<u64>1 << 32) % <u64>p);
  const square = i32x4.splat(mulmod(r, r, p));
  const pv = i32x4.splat(p);
  const pInverse = i32x4.splat(inverse32(p));
  for (let j = x; j < x + POLY; j += 16) {
    v128.store(j, reduceOnce(mulMontgomery(v128.load(j), square, pv, pInverse), pv));
  }
}

/** x[i] *= y[i], y in Montgomery form; residues below p in, below 2p out (lazy). */
export function multiply(x: usize, y: usize, k: i32): void {
  const p = i32x4.splat(primeOf(k));
  const pInverse = i32x4.splat(inverse32(primeOf(k)));
  for (let j: usize = 0; j < POLY; j += 16) {
    v128.store(x + j, mulMontgomery(v128.load(x + j), v128.load(y + j), p, pInverse));
  }
}
