/** Numbers below `limit` from a linear congruential generator (Knuth, MMIX): the same in every run. */
export function pseudoRandom(length: number, limit: number, seed: bigint): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length }, () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number((state >> 33n) % BigInt(limit));
  });
}
