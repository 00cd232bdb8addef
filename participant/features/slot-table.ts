/**
 * A bounded hash table from a pair of 32-bit numbers to a row of float64 columns, open addressing over typed arrays.
 * Column 0 is the time the row was last written, kept by the owner. When `limit` rows are in use, the half that was
 * written least recently is dropped, which moves rows: numbers of rows are valid until the next `add`.
 */
export class SlotTable {
  readonly width: number;
  /** Row r has its columns at data[r * width ...]. */
  data: Float64Array;
  /** How often rows were dropped. */
  evictions = 0;
  readonly #limit: number;
  #high: Uint32Array;
  #low: Uint32Array;
  /** Bucket -> row + 1, 0 where free; at least twice as many buckets as rows. */
  #buckets: Int32Array;
  #size = 0;

  /** @param width columns of a row, column 0 the time; @param limit rows at once, at least 2 */
  constructor(width: number, limit: number) {
    this.width = width;
    this.#limit = Math.max(2, limit);
    const rows = Math.min(1024, this.#limit);
    this.data = new Float64Array(rows * width);
    this.#high = new Uint32Array(rows);
    this.#low = new Uint32Array(rows);
    this.#buckets = new Int32Array(4096);
  }

  /** Rows in use. */
  get size(): number {
    return this.#size;
  }

  /** Row of a key, or -1. */
  find(high: number, low: number): number {
    const mask = this.#buckets.length - 1;
    for (let at = hash(high, low) & mask; ; at = (at + 1) & mask) {
      const row = (this.#buckets[at] ?? 0) - 1;
      if (row < 0 || (this.#low[row] === low && this.#high[row] === high)) return row;
    }
  }

  /** Row of a key, zeroed where it is new. */
  add(high: number, low: number): number {
    const found = this.find(high, low);
    if (found >= 0) return found;
    if (this.#size >= this.#limit) this.#dropOldHalf();
    if (this.#size >= this.#high.length) this.#grow();
    const row = this.#size++;
    this.#high[row] = high;
    this.#low[row] = low;
    this.data.fill(0, row * this.width, (row + 1) * this.width);
    this.#link(row);
    return row;
  }

  #link(row: number): void {
    const mask = this.#buckets.length - 1;
    let at = hash(this.#high[row] ?? 0, this.#low[row] ?? 0) & mask;
    while (this.#buckets[at] !== 0) at = (at + 1) & mask;
    this.#buckets[at] = row + 1;
  }

  #grow(): void {
    const rows = Math.min(this.#high.length * 2, this.#limit);
    this.data = extend(this.data, new Float64Array(rows * this.width));
    this.#high = extend(this.#high, new Uint32Array(rows));
    this.#low = extend(this.#low, new Uint32Array(rows));
    while (this.#buckets.length < rows * 2) this.#buckets = new Int32Array(this.#buckets.length * 2);
    this.#relink();
  }

  #relink(): void {
    this.#buckets.fill(0);
    for (let row = 0; row < this.#size; row++) this.#link(row);
  }

  #dropOldHalf(): void {
    const keep = this.#size >> 1;
    const order = Uint32Array.from({ length: this.#size }, (_, row) => row);
    const time = (row: number): number => this.data[row * this.width] ?? 0;
    order.sort((a, b) => time(b) - time(a) || b - a);
    const kept = order.subarray(0, keep).sort();
    kept.forEach((from, to) => {
      this.data.copyWithin(to * this.width, from * this.width, (from + 1) * this.width);
      this.#high[to] = this.#high[from] ?? 0;
      this.#low[to] = this.#low[from] ?? 0;
    });
    this.#size = keep;
    this.evictions++;
    this.#relink();
  }
}

function hash(high: number, low: number): number {
  let h = Math.imul(high, 0x9e3779b1) ^ Math.imul(low, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}

function extend<T extends Float64Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
