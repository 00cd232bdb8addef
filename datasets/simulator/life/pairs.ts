/** The pairs of computers that the log of one organisation has shown: a hash set of numbers without an object each. */
export class Pairs {
  private keys = new Float64Array(1 << 12);
  private size = 0;

  /** Whether the pair is new; it is known from then on. */
  add(src: number, dst: number): boolean {
    const key = keyOf(src, dst);
    const slot = this.slotOf(key, this.keys);
    if (this.keys[slot] === key) return false;
    this.keys[slot] = key;
    if (++this.size * 2 > this.keys.length) this.grow();
    return true;
  }

  has(src: number, dst: number): boolean {
    const key = keyOf(src, dst);
    return this.keys[this.slotOf(key, this.keys)] === key;
  }

  /** Where the key stands, or the free place for it. */
  private slotOf(key: number, keys: Float64Array): number {
    const mask = keys.length - 1;
    let slot = Math.imul((key % 4294967296) ^ (key / 4294967296), 0x9e3779b1);
    slot = (slot ^ (slot >>> 15)) & mask;
    while (keys[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const larger = new Float64Array(this.keys.length * 2);
    for (const key of this.keys) if (key !== 0) larger[this.slotOf(key, larger)] = key;
    this.keys = larger;
  }
}

/** Computers are numbered below 2^22, so that the key is exact and not 0. */
function keyOf(src: number, dst: number): number {
  return (src + 1) * 4194304 + dst;
}
