// Uniform numbers below a bound from a key stream, by rejection.
import { N, primeOf } from './modulus';

/** Residues modulo prime `k`: 30 bits a word, 4,096 of them; see `keepBelow`. */
export function uniform(stream: usize, words: i32, out: usize, k: i32): i32 {
  return keepBelow(stream, words, out, N, 0x3fffffff, primeOf(k));
}

/**
 * Takes little-endian 32-bit words from `stream`, keeps what `mask` leaves of them where that is below `bound`, and writes
 * the first `count` kept to `out`. Returns how many were found in `words` words (`count` unless the stream ended). The
 * branch depends on words that are then not used.
 */
@inline
export function keepBelow(stream: usize, words: i32, out: usize, count: i32, mask: u32, bound: u32): i32 {
  const bounds = i32x4.splat(bound);
  const masks = i32x4.splat(mask);
  let found = 0;
  let i = 0;
  while (i + 4 <= words && found + 4 <= count) {
    const four = v128.and(v128.load(stream + (<usize>i << 2)), masks);
    if (v128.any_true(v128.ge<u32>(four, bounds))) {
      for (let j = i; j < i + 4; j++) {
        const word = load<u32>(stream + (<usize>j << 2)) & mask;
        if (word < bound) {
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
  for (; i < words && found < count; i++) {
    const word = load<u32>(stream + (<usize>i << 2)) & mask;
    if (word < bound) {
      store<u32>(out + (<usize>found << 2), word);
      found++;
    }
  }
  return found;
}
