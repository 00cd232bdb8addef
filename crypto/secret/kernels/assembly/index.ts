// Secret half of the ring: sampling, encryption of one chunk, shares. Secrets pass through this memory and are wiped by
// the loader after each call; no branch and no address depends on them.
import { POLY, inverse32, mulmod, powmod, primeOf, redc, reduceOnce } from '../../../public/kernels/assembly/modulus';
import { fillTables, forward, inverseTimesN, multiply, toKey } from '../../../public/kernels/assembly/ntt';
import { PACKED, pack } from '../../../public/kernels/assembly/packing';
import { joinLimb } from '../../../public/kernels/assembly/slots';
import { sampleBinomial, widen } from './binomial';

export { sampleBinomial } from './binomial';
export { fieldClear, fieldAdd, fieldFinish } from '../../../public/kernels/assembly/field';

/** a_hat of three primes; overwritten by the ciphertext's residues. */
export const x: usize = memory.data(3 * 4096 * 4, 16);
/** k_hat of three primes (`toKey`). */
export const key: usize = memory.data(3 * 4096 * 4, 16);
/** Key stream of the sampler. */
export const stream: usize = memory.data(41984, 16);
/** Samples + 41, a byte each. */
export const samples: usize = memory.data(4096, 16);
/** Six planes of values. */
export const values: usize = memory.data(6 * 4096 * 4, 16);
/** T*e + m as three words a coefficient. */
export const words: usize = memory.data(3 * 4096 * 4, 16);
/** One packed chunk. */
export const packed: usize = memory.data(46080, 16);

/** k_hat (three primes, `toKey`) of the samples at `samples`, to `key`. */
export function transformKey(): void {
  for (let k = 0; k < 3; k++) {
    const p = primeOf(k);
    const out = key + <usize>k * POLY;
    const pv = i32x4.splat(p);
    const offset = i32x4.splat(p - 41);
    for (let j: usize = 0; j < POLY; j += 16) {
      v128.store(out + j, reduceOnce(v128.add<u32>(widen(samples + (j >> 2)), offset), pv));
    }
    forward(out, k);
    toKey(out, k);
  }
}

/** A prime's constants: 2^26 and 2^55 in Montgomery form, and -41 * 2^78 * 2^32. */
const CONSTANTS: usize = memory.data(3 * 3 * 4, 16);

function fillConstants(): void {
  for (let k = 0; k < 3; k++) {
    const p = primeOf(k);
    const at = CONSTANTS + <usize>k * 12;
    store<u32>(at, powmod(2, 26 + 32, p));
    store<u32>(at + 4, powmod(2, 55 + 32, p));
    store<u32>(at + 8, p - mulmod(41, powmod(2, 78 + 32, p), p));
  }
}

/**
 * m + T * (e + 41) in words of 26, 29 and 30 bits, from planes and samples: two products a prime are enough for it.
 * The message has three limbs of 26 bits, the sample stands above them.
 */
function joinWords(slots: i32): void {
  const mask = i32x4.splat(0x1fffffff);
  for (let j: usize = 0; j < POLY; j += 16) {
    const l1 = joinLimb(1, slots, values, j);
    const l2 = joinLimb(2, slots, values, j);
    v128.store(words + j, joinLimb(0, slots, values, j));
    v128.store(words + POLY + j, v128.and(v128.or(l1, v128.shl<u32>(l2, 26)), mask));
    v128.store(
      words + 2 * POLY + j,
      v128.or(v128.shr<u32>(l2, 3), v128.shl<u32>(widen(samples + (j >> 2)), 23)),
    );
  }
}

/**
 * Encrypts one chunk: a_hat at `x`, k_hat at `key`, 41,984 stream bytes at `stream`, planes at `values`; the packed
 * c = a*k + T*e + m appears at `packed`.
 *
 * T*e + m is one number of three words: two are multiplied by their powers of two in 64 bits and reduced once (REDC),
 * then added with the lowest to the lazy residues of the inverse transform.
 */
export function encrypt(slots: i32): void {
  sampleBinomial(stream, samples);
  joinWords(slots);
  for (let k = 0; k < 3; k++) {
    const p = primeOf(k);
    const at = x + <usize>k * POLY;
    multiply(at, key + <usize>k * POLY, k);
    inverseTimesN(at, k);
    const pv = i32x4.splat(p);
    const p2 = i32x4.splat(2 * p);
    const pInverse = i32x4.splat(inverse32(p));
    const c1 = v128.load32_splat(CONSTANTS + <usize>k * 12);
    const c2 = v128.load32_splat(CONSTANTS + <usize>k * 12 + 4);
    const offset = i64x2.splat(<u64>load<u32>(CONSTANTS + <usize>k * 12 + 8)); // samples carry + 41
    for (let j: usize = 0; j < POLY; j += 16) {
      const w1 = v128.load(words + POLY + j);
      const w2 = v128.load(words + 2 * POLY + j);
      let low = v128.add<u64>(offset, v128.extmul_low<u32>(w1, c1));
      let high = v128.add<u64>(offset, v128.extmul_high<u32>(w1, c1));
      low = v128.add<u64>(low, v128.extmul_low<u32>(w2, c2));
      high = v128.add<u64>(high, v128.extmul_high<u32>(w2, c2));
      // Below 2p + 2^26 + (2^29 + p) < 2^32: a lane holds it, two conditional subtractions reduce it.
      const sum = v128.add<u32>(
        v128.add<u32>(v128.load(at + j), v128.load(words + j)),
        redc(low, high, pv, pInverse),
      );
      v128.store(at + j, reduceOnce(reduceOnce(sum, p2), pv));
    }
    pack(at, packed + <usize>k * PACKED);
  }
}

/** OR of the first `count` words at `values`; the words after them, up to a multiple of four, must be zero. */
export function union(count: i32): i32 {
  let all = i32x4.splat(0);
  for (let j = values; j < values + (<usize>count << 2); j += 16) all = v128.or(all, v128.load(j));
  all = v128.or(all, v128.shuffle<u32>(all, all, 2, 3, 0, 1));
  return v128.extract_lane<u32>(all, 0) | v128.extract_lane<u32>(all, 1);
}

/** Overwrites every workspace that held a secret. */
export function wipe(): void {
  memory.fill(x, 0, 3 * POLY);
  memory.fill(key, 0, 3 * POLY);
  memory.fill(stream, 0, 41984);
  memory.fill(samples, 0, 4096);
  memory.fill(values, 0, 6 * POLY);
  memory.fill(words, 0, 3 * POLY);
}

fillTables();
fillConstants();
