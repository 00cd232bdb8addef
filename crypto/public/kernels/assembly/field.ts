// Linear combinations over F_131071 (2^17 - 1): Shamir shares and the sum of shares. No branch or index by a value.
import { N } from './modulus';

const SUM: usize = memory.data(4096 * 8, 16);

/** Starts a combination. */
export function fieldClear(): void {
  memory.fill(SUM, 0, <usize>N << 3);
}

/** sum += factor * x, for a factor and 4,096 elements below 2^17; up to 2^29 terms fit. */
export function fieldAdd(x: usize, factor: u32): void {
  const f = i32x4.splat(factor);
  for (let j: usize = 0; j < <usize>N << 2; j += 16) {
    const v = v128.load(x + j);
    const at = SUM + (j << 1);
    v128.store(at, v128.add<u64>(v128.load(at), v128.extmul_low<u32>(v, f)));
    v128.store(at + 16, v128.add<u64>(v128.load(at + 16), v128.extmul_high<u32>(v, f)));
  }
}

/** Writes the combination, reduced below 131071, to `out` and clears the sum. */
export function fieldFinish(out: usize): void {
  const p: u64 = 131071;
  for (let i: usize = 0; i < <usize>N; i++) {
    let x = load<u64>(SUM + (i << 3));
    // 2^17 = 1 mod p: fold four times, 64 -> 48 -> 31 -> 18 -> at most p.
    x = (x & p) + (x >> 17);
    x = (x & p) + (x >> 17);
    x = (x & p) + (x >> 17);
    x = (x & p) + (x >> 17);
    x -= p & (0 - <u64>(x >= p));
    store<u32>(out + (i << 2), <u32>x);
  }
  fieldClear();
}
