// Uniform residues from a key stream, by rejection. The stream and the result are public.
import { N, primeOf } from './modulus';

/**
 * Takes little-endian 32-bit words from `stream`, keeps their lower 30 bits where these are below prime `k`, and writes
 * the first 4,096 kept to `out`. Returns how many were found in `words` words (4,096 unless the stream ended).
 */
export function uniform(stream: usize, words: i32, out: usize, k: i32): i32 {
  const p = primeOf(k);
  const pv = i32x4.splat(p);
  const mask = i32x4.splat(0x3fffffff);
  let found = 0;
  let i = 0;
  while (i + 4 <= words && found + 4 <= N) {
    const four = v128.and(v128.load(stream + (<usize>i << 2)), mask);
    if (v128.any_true(v128.ge<u32>(four, pv))) {
      for (let j = i; j < i + 4; j++) {
        const word = load<u32>(stream + (<usize>j << 2)) & 0x3fffffff;
        if (word < p) {
          store<u32>(out + (<usize>found << 2), word);
          found++;
        }
      }
    } else {
      v128.store(out + (<usize>found << 2), four);
      found += 4;
    }
    i += 4;
  }
  for (; i < words && found < N; i++) {
    const word = load<u32>(stream + (<usize>i << 2)) & 0x3fffffff;
    if (word < p) {
      store<u32>(out + (<usize>found << 2), word);
      found++;
    }
  }
  return found;
}
