// 30-bit residues on the wire.
//
// A polynomial is 64 blocks of 64 residues; a block is 15 vectors of four little-endian 32-bit words. Lane l of word
// vector w (0..14) holds residue 4w + l of the block in its lower 30 bits, and in its upper two bits the bits
// 2w and 2w + 1 of residue 60 + l: the sixteenth vector rides in the spare bits of the other fifteen.
import { N, POLY, primeOf, reduceOnce } from './modulus';

/** Bytes of one packed polynomial modulo one prime. */
export const PACKED: usize = 15360;

/** Loaded, not written as a constant: see recombine.ts. */
const RESIDUE: usize = memory.data<u32>([0x3fffffff]);

/** Packs the 4,096 residues below 2^30 at `x` to 15,360 bytes at `out`. */
export function pack(x: usize, out: usize): void {
  for (let block = 0; block < N >> 6; block++) {
    let rest = v128.load(x + 240);
    for (let w: usize = 0; w < 240; w += 16) {
      v128.store(out + w, v128.or(v128.load(x + w), v128.shl<u32>(rest, 30)));
      rest = v128.shr<u32>(rest, 2);
    }
    x += 256;
    out += 240;
  }
}

/** Unpacks 15,360 bytes at `from` to `x`; returns whether every residue is below prime `k`. */
export function unpack(from: usize, x: usize, k: i32): bool {
  const p = i32x4.splat(primeOf(k));
  const mask = v128.load32_splat(RESIDUE);
  let bad = i32x4.splat(0);
  for (let block = 0; block < N >> 6; block++) {
    let rest = i32x4.splat(0);
    for (let w: usize = 240; w > 0; ) {
      w -= 16;
      const word = v128.load(from + w);
      const residue = v128.and(word, mask);
      bad = v128.or(bad, v128.ge<u32>(residue, p));
      v128.store(x + w, residue);
      rest = v128.or(v128.shl<u32>(rest, 2), v128.shr<u32>(word, 30));
    }
    bad = v128.or(bad, v128.ge<u32>(rest, p));
    v128.store(x + 240, rest);
    x += 256;
    from += 240;
  }
  return !v128.any_true(bad);
}

/** acc[i] = acc[i] + residue[i] mod prime `k` for the packed residues at `from`; false where one is not below it. */
export function addPacked(from: usize, acc: usize, k: i32): bool {
  const p = i32x4.splat(primeOf(k));
  const mask = v128.load32_splat(RESIDUE);
  let bad = i32x4.splat(0);
  for (let end = acc + POLY; acc < end; acc += 256) {
    let rest = i32x4.splat(0);
    for (let w: usize = 240; w > 0; ) {
      w -= 16;
      const word = v128.load(from + w);
      const residue = v128.and(word, mask);
      bad = v128.or(bad, v128.ge<u32>(residue, p));
      v128.store(acc + w, reduceOnce(v128.add<u32>(v128.load(acc + w), residue), p));
      rest = v128.or(v128.shl<u32>(rest, 2), v128.shr<u32>(word, 30));
    }
    bad = v128.or(bad, v128.ge<u32>(rest, p));
    v128.store(acc + 240, reduceOnce(v128.add<u32>(v128.load(acc + 240), rest), p));
    from += 240;
  }
  return !v128.any_true(bad);
}

/**
 * x[i] = residue[i] - x[i] mod prime `k`, below it, for the packed residues at `from` and x below 2p; false where a
 * residue is not below the prime.
 */
export function subtractFromPacked(from: usize, x: usize, k: i32): bool {
  const p = i32x4.splat(primeOf(k));
  const p2 = i32x4.splat(2 * primeOf(k));
  const mask = v128.load32_splat(RESIDUE);
  let bad = i32x4.splat(0);
  for (let end = x + POLY; x < end; x += 256) {
    let rest = i32x4.splat(0);
    for (let w: usize = 240; w > 0; ) {
      w -= 16;
      const word = v128.load(from + w);
      const residue = v128.and(word, mask);
      bad = v128.or(bad, v128.ge<u32>(residue, p));
      v128.store(x + w, minus(residue, v128.load(x + w), p, p2));
      rest = v128.or(v128.shl<u32>(rest, 2), v128.shr<u32>(word, 30));
    }
    bad = v128.or(bad, v128.ge<u32>(rest, p));
    v128.store(x + 240, minus(rest, v128.load(x + 240), p, p2));
    from += 240;
  }
  return !v128.any_true(bad);
}

@inline
function minus(a: v128, b: v128, p: v128, p2: v128): v128 {
  return reduceOnce(reduceOnce(v128.sub<u32>(v128.add<u32>(a, p2), b), p2), p);
}
