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
    let w: u32 = 1;
    let v: u32 = 1;
    for (let i = 0; i < N; i++) {
      const at = <usize>k * POLY + ((<usize>bitReverse12(i)) << 2);
      store<u32>(W + at, w);
      store<u32>(W_SHOUP + at, shoup(w, p));
      store<u32>(V + at, v);
      store<u32>(V_SHOUP + at, shoup(v, p));
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

/**
 * Inverse transform times N, residues below 2p in and out (lazy). Two stages a pass: four values of four lanes stay in
 * registers between them. Whoever multiplies first has the factor 1/N in the other operand (`toKey`).
 */
export function inverseTimesN(x: usize, k: i32): void {
  const p = i32x4.splat(primeOf(k));
  const p2 = i32x4.splat(2 * primeOf(k));
  const v0 = V + <usize>k * POLY;
  const s0 = V_SHOUP + <usize>k * POLY;
  const half = v0 + (<usize>N << 1);
  const halfS = s0 + (<usize>N << 1);
  const quarter = v0 + <usize>N;
  const quarterS = s0 + <usize>N;
  // The first two stages pair neighbours 1 and 2 apart, inside a vector.
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
  let t: usize = 16; // distance of the first of the two stages, in bytes
  for (let h: usize = <usize>(N >> 3); h > 1; h >>= 2) {
    for (let i: usize = 0; i < h >> 1; i++) {
      const first = (h + 2 * i) << 2;
      const last = ((h >> 1) + i) << 2;
      const va = v128.load32_splat(v0 + first);
      const sa = v128.load32_splat(s0 + first);
      const vb = v128.load32_splat(v0 + first + 4);
      const sb = v128.load32_splat(s0 + first + 4);
      const vc = v128.load32_splat(v0 + last);
      const sc = v128.load32_splat(s0 + last);
      const from = x + 4 * i * t;
      for (let j = from; j < from + t; j += 16) {
        const a = v128.load(j);
        const b = v128.load(j + t);
        const c = v128.load(j + 2 * t);
        const d = v128.load(j + 3 * t);
        const e = reduceOnce(v128.add<u32>(a, b), p2);
        const f = mulShoup(v128.add<u32>(v128.sub<u32>(a, b), p2), va, sa, p);
        const g = reduceOnce(v128.add<u32>(c, d), p2);
        const l = mulShoup(v128.add<u32>(v128.sub<u32>(c, d), p2), vb, sb, p);
        v128.store(j, reduceOnce(v128.add<u32>(e, g), p2));
        v128.store(j + t, reduceOnce(v128.add<u32>(f, l), p2));
        v128.store(j + 2 * t, mulShoup(v128.add<u32>(v128.sub<u32>(e, g), p2), vc, sc, p));
        v128.store(j + 3 * t, mulShoup(v128.add<u32>(v128.sub<u32>(f, l), p2), vc, sc, p));
      }
    }
    t <<= 2;
  }
}

/** x[i] * w mod p for a public constant w: residues below 2p in, below p out. */
function scale(x: usize, w: u32, k: i32): void {
  const p = primeOf(k);
  const pv = i32x4.splat(p);
  const wv = i32x4.splat(w);
  const ws = i32x4.splat(shoup(w, p));
  for (let j = x; j < x + POLY; j += 16) v128.store(j, reduceOnce(mulShoup(v128.load(j), wv, ws, pv), pv));
}

/** Inverse transform, residues below 2p in, below p out. */
export function inverse(x: usize, k: i32): void {
  inverseTimesN(x, k);
  scale(x, powmod(N, primeOf(k) - 2, primeOf(k)), k);
}

/** x[i] * 2^32 mod p, below p: the form that `multiply` takes as its second factor. */
export function toMontgomery(x: usize, k: i32): void {
  scale(x, powmod(2, 32, primeOf(k)), k);
}

/** x[i] * 2^32 / N mod p, below p: a second factor for `multiply` whose product goes through `inverseTimesN`. */
export function toKey(x: usize, k: i32): void {
  scale(x, mulmod(powmod(2, 32, primeOf(k)), powmod(N, primeOf(k) - 2, primeOf(k)), primeOf(k)), k);
}

/** x[i] *= y[i], y in Montgomery form; residues below p in, below 2p out (lazy). */
export function multiply(x: usize, y: usize, k: i32): void {
  const p = i32x4.splat(primeOf(k));
  const pInverse = i32x4.splat(inverse32(primeOf(k)));
  for (let j: usize = 0; j < POLY; j += 16) {
    v128.store(x + j, mulMontgomery(v128.load(x + j), v128.load(y + j), p, pInverse));
  }
}
