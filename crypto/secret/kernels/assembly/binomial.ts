// Centred binomial sampling with 41 pairs: the number of set bits among 41 minus that among 41 others.
//
// 82 bits a coefficient, 41,984 bytes for 4,096 of them: ten planes of 4,096 bytes (byte i of planes 0-4 counts for
// coefficient i, of planes 5-9 against it), then 1,024 bytes of which byte (i mod 1,024) gives bits 2s (for) and 2s + 1
// (against), s = floor(i / 1024). No branch and no index depends on a bit of the stream.
import { N } from '../../../public/kernels/assembly/modulus';

/** Samples from the stream at `from`, writes e + 41 (0..82), one byte a coefficient, to `out`. */
export function sampleBinomial(from: usize, out: usize): void {
  const one = i8x16.splat(1);
  const offset = i8x16.splat(41);
  for (let i: usize = 0; i < <usize>N; i += 16) {
    let positive = offset;
    let negative = i8x16.splat(0);
    for (let plane: usize = 0; plane < 5; plane++) {
      positive = v128.add<i8>(positive, v128.popcnt<i8>(v128.load(from + plane * <usize>N + i)));
      negative = v128.add<i8>(negative, v128.popcnt<i8>(v128.load(from + (plane + 5) * <usize>N + i)));
    }
    const shift = <i32>(i >> 10) << 1;
    const rest = v128.shr<u8>(v128.load(from + 10 * <usize>N + (i & 1023)), shift);
    positive = v128.add<i8>(positive, v128.and(rest, one));
    negative = v128.add<i8>(negative, v128.and(v128.shr<u8>(rest, 1), one));
    v128.store(out + i, v128.sub<i8>(positive, negative));
  }
}

/** Four bytes at `from` as four 32-bit lanes. */
@inline
export function widen(from: usize): v128 {
  return v128.extend_low<u16>(v128.extend_low<u8>(v128.load32_zero(from)));
}
