// Secret half of the ring: sampling, encryption of one chunk, shares. Secrets pass through this memory and are wiped by
// the loader after each call; no branch and no address depends on them.
import { POLY, inverse32, mulmod, powmod, primeOf, redc, reduceOnce } from '../../../public/kernels/assembly/modulus';
import { fillTables, forward, inverseLazy, multiply, toMontgomery } from '../../../public/kernels/assembly/ntt';
import { PACKED, pack } from '../../../public/kernels/assembly/packing';
import { joinSlots } from '../../../public/kernels/assembly/slots';
import { sampleBinomial, widen } from './binomial';

export { sampleBinomial } from './binomial';
export { fieldClear, fieldAdd, fieldFinish } from '../../../public/kernels/assembly/field';

/** a_hat of three primes; overwritten by the ciphertext's residues. */
export const x: usize = memory.data(3 * 4096 * 4, 16);
/** k_hat of three primes, Montgomery form. */
export const key: usize = memory.data(3 * 4096 * 4, 16);
/** Key stream of the sampler. */
export const stream: usize = memory.data(41984, 16);
/** Samples + 41, a byte each. */
export const samples: usize = memory.data(4096, 16);
/** Six planes of values. */
export const values: usize = memory.data(6 * 4096 * 4, 16);
/** Limbs of m. */
export const limbs: usize = memory.data(3 * 4096 * 4, 16);
/** One packed chunk. */
export const packed: usize = memory.data(46080, 16);

/** k_hat (three primes, Montgomery form) of the samples at `samples`, to `key`. */
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
    toMontgomery(out, k);
  }
}

/** 2^exponent mod p in Montgomery form. */
function powerOfTwo(exponent: u32, p: u32): u32 {
  return powmod(2, exponent + 32, p);
}

/**
 * Encrypts one chunk: a_hat at `x`, k_hat at `key`, 41,984 stream bytes at `stream`, planes at `values`; the packed
 * c = a*k + T*e + m appears at `packed`.
 *
 * m and T*e are one number in base 2^26, three limbs of the message and the sample as the fourth: they are multiplied
 * by the powers of 2^26 in 64 bits and reduced once (REDC), then added to the lazy residues of the inverse transform.
 */
export function encrypt(slots: i32): void {
  sampleBinomial(stream, samples);
  joinSlots(slots, values, limbs);
  for (let k = 0; k < 3; k++) {
    const p = primeOf(k);
    const at = x + <usize>k * POLY;
    multiply(at, key + <usize>k * POLY, k);
    inverseLazy(at, k);
    const pv = i32x4.splat(p);
    const p2 = i32x4.splat(2 * p);
    const pInverse = i32x4.splat(inverse32(p));
    const c1 = i32x4.splat(powerOfTwo(26, p));
    const c2 = i32x4.splat(powerOfTwo(52, p));
    const power = powerOfTwo(78, p);
    const c3 = i32x4.splat(power);
    const offset = i64x2.splat(<u64>(p - mulmod(41, power, p))); // samples carry + 41
    for (let j: usize = 0; j < POLY; j += 16) {
      const l1 = v128.load(limbs + POLY + j);
      const l2 = v128.load(limbs + 2 * POLY + j);
      const e = widen(samples + (j >> 2));
      let low = v128.add<u64>(offset, v128.extmul_low<u32>(l1, c1));
      let high = v128.add<u64>(offset, v128.extmul_high<u32>(l1, c1));
      low = v128.add<u64>(low, v128.extmul_low<u32>(l2, c2));
      high = v128.add<u64>(high, v128.extmul_high<u32>(l2, c2));
      low = v128.add<u64>(low, v128.extmul_low<u32>(e, c3));
      high = v128.add<u64>(high, v128.extmul_high<u32>(e, c3));
      // Below 2p + 2^26 + (2^26 + p): a lane holds it, two conditional subtractions reduce it.
      const sum = v128.add<u32>(
        v128.add<u32>(v128.load(at + j), v128.load(limbs + j)),
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
  memory.fill(limbs, 0, 3 * POLY);
}

fillTables();
