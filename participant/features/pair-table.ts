/**
 * When a pair of two numbers was last seen and how often, on one side or on two (an account may know a host as its
 * destination and as its source), bounded: open addressing with a whole entry in one place, so that a look costs one line
 * of memory. When there is room for less than two more pairs, the half that was seen longest ago moves into a
 * sketch of twice as many (FingerprintTable), from where a pair comes back when it is seen again.
 *
 * Places are those of pairs until the next `enter`, which may move them (`moves` then changes). The first two hold no pair
 * of the table: `look` lends them to pairs that have no entry.
 */
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import { FingerprintTable } from './fingerprint-table.ts';
import { hash, placeOf } from './hash.ts';

/** Words of an entry: high, low, time of side 0 as float64, totals of both sides; time of side 1 where there is one. */
const TOTALS = 4;
const LENT = 2;
/** Entries in use, at most; beyond it the ways of a linear probe get long. */
const LOAD = 0.75;
const MOST = 0xffffffff;

export class PairTable {
  /** Pairs held exactly. */
  size = 0;
  /** How often entries were moved. */
  moves = 0;
  /** How often half of the pairs went to the sketch. */
  evictions = 0;
  readonly #limit: number;
  readonly #sides: 1 | 2;
  readonly #stride: number;
  readonly #sketch: FingerprintTable;
  /** A row of the sketch: totals, then, for two sides, how long before its time each side was seen, in hours. */
  readonly #row: Uint32Array<ArrayBuffer>;
  readonly #lags: Float32Array;
  #capacity: number;
  #words: Uint32Array;
  #times: Float64Array;

  /** @param limit pairs held exactly, at least 4 */
  constructor(limit: number, sides: 1 | 2 = 1) {
    this.#limit = Math.max(4, limit);
    this.#sides = sides;
    this.#stride = sides === 1 ? 6 : 8;
    this.#row = new Uint32Array(sides === 1 ? 1 : 4);
    this.#lags = new Float32Array(this.#row.buffer);
    this.#sketch = new FingerprintTable(this.#row.length, 2 * this.#limit);
    this.#capacity = Math.min(4096, capacityFor(this.#limit));
    this.#words = new Uint32Array((LENT + this.#capacity) * this.#stride);
    this.#times = new Float64Array(this.#words.buffer);
  }

  /** Pairs that were dropped from the sketch too. */
  get forgotten(): number {
    return this.#sketch.forgotten;
  }

  /** Events of the pair at a place, at most 2^32 - 1; 0 where it is new. */
  total(at: number, side: 0 | 1): number {
    return this.#words[at * this.#stride + TOTALS + side] ?? 0;
  }

  /** Hours of the last of them; of no meaning where there is none. */
  time(at: number, side: 0 | 1): number {
    return this.#times[this.#timeAt(at, side)] ?? 0;
  }

  /** Place of a pair, which gets no entry by it: zeros at the place `lent` where it is not known. 0 is in no pair. */
  look(high: number, low: number, lent: 0 | 1): number {
    const at = this.#find(high, low);
    if (high !== 0 && this.#words[at * this.#stride] !== 0) return at;
    this.#words.fill(0, lent * this.#stride, (lent + 1) * this.#stride);
    const held = this.evictions === 0 || high === 0 ? -1 : this.#sketch.find(high, low);
    if (held >= 0) this.#recall(held, lent);
    return lent;
  }

  /** Place of a pair, new where it is not known; at most two new ones between calls of `makeRoom`. @param now hours */
  enter(high: number, low: number, now: number): number {
    let at = this.#find(high, low);
    if (this.#words[at * this.#stride] !== 0) return at;
    if (this.size >= this.#capacity * LOAD) {
      this.#grow();
      at = this.#find(high, low);
    }
    this.#words[at * this.#stride] = high;
    this.#words[at * this.#stride + 1] = low;
    this.#times[this.#timeAt(at, 0)] = now;
    if (this.#sides === 2) this.#times[this.#timeAt(at, 1)] = now;
    this.size++;
    const held = this.evictions === 0 ? -1 : this.#sketch.find(high, low);
    if (held >= 0) {
      this.#recall(held, at);
      this.#sketch.remove(held);
    }
    return at;
  }

  /** Makes room for the pairs of one more event, where there is none; between events, so that none loses what it reads. */
  makeRoom(): void {
    if (this.size + 2 > this.#limit) this.#dropOldHalf();
  }

  /** One more event of the pair at a place. */
  count(at: number, side: 0 | 1, now: number): void {
    const total = this.total(at, side);
    if (total < MOST) this.#words[at * this.#stride + TOTALS + side] = total + 1;
    if (total === 0 || now > this.time(at, side)) this.#times[this.#timeAt(at, side)] = now;
  }

  write(out: SnapshotWriter): void {
    out.number(this.evictions);
    out.bytes(this.#used());
    this.#sketch.write(out);
  }

  /** Into an empty table of the same limit and sides. @throws CordonError ENCODING_INVALID */
  read(from: SnapshotReader): void {
    this.evictions = from.whole('evictions', Number.MAX_SAFE_INTEGER);
    const entry = this.#stride * 4;
    const bytes = from.bytes('pairs', this.#limit * entry);
    if (bytes.byteLength % entry !== 0) throw from.invalid('whole pairs', `${bytes.byteLength} bytes`);
    const size = bytes.byteLength / entry;
    while (size > this.#capacity * LOAD) this.#capacity = this.#next();
    this.#fill(new Uint32Array(bytes), size);
    this.#sketch.read(from);
  }

  /** Place of a key, or the free one where it belongs. */
  #find(high: number, low: number): number {
    const words = this.#words;
    const stride = this.#stride;
    const end = LENT + this.#capacity;
    let at = LENT + placeOf(hash(high, low), this.#capacity);
    for (;;) {
      const held = words[at * stride];
      if (held === 0 || (held === high && words[at * stride + 1] === low)) return at;
      if (++at === end) at = LENT;
    }
  }

  #timeAt(at: number, side: 0 | 1): number {
    return (at * this.#stride) / 2 + (side === 0 ? 1 : 3);
  }

  /** Puts what the sketch holds at `held` into the entry at a place. */
  #recall(held: number, at: number): void {
    const { words, floats } = this.#sketch;
    const time = this.#sketch.time(held);
    this.#times[this.#timeAt(at, 0)] = time;
    for (let side = 0; side < this.#sides; side++) {
      this.#words[at * this.#stride + TOTALS + side] = words[held + side] ?? 0;
    }
    if (this.#sides === 1) return;
    this.#times[this.#timeAt(at, 0)] = time - (floats[held + 2] ?? 0);
    this.#times[this.#timeAt(at, 1)] = time - (floats[held + 3] ?? 0);
  }

  #next(): number {
    return Math.min(this.#capacity * 2, capacityFor(this.#limit));
  }

  #grow(): void {
    const used = this.#used();
    this.#capacity = this.#next();
    this.#fill(used, this.size);
  }

  /** The entries in use, side by side. */
  #used(): Uint32Array<ArrayBuffer> {
    const used = new Uint32Array(this.size * this.#stride);
    let to = 0;
    for (let at = LENT * this.#stride; at < this.#words.length; at += this.#stride) {
      if (this.#words[at] === 0) continue;
      used.set(this.#words.subarray(at, at + this.#stride), to);
      to += this.#stride;
    }
    return used;
  }

  /** Makes the first `size` entries of `used` the content. */
  #fill(used: Uint32Array, size: number): void {
    this.#words = new Uint32Array((LENT + this.#capacity) * this.#stride);
    this.#times = new Float64Array(this.#words.buffer);
    this.size = size;
    this.moves++;
    for (let from = 0; from < size * this.#stride; from += this.#stride) {
      const at = this.#find(used[from] ?? 0, used[from + 1] ?? 0);
      this.#words.set(used.subarray(from, from + this.#stride), at * this.#stride);
    }
  }

  /** Keeps the pairs seen last; of those seen at the same time the ones with the greater numbers. */
  #dropOldHalf(): void {
    const used = this.#used();
    const seen = this.#lastTimes(used);
    const keep = this.size >> 1;
    const sorted = seen.toSorted();
    const edge = sorted[this.size - keep] ?? 0;
    const newer = this.size - (sorted.findLastIndex((one) => one <= edge) + 1);
    const word = (i: number, column: number): number => used[i * this.#stride + column] ?? 0;
    const ties = Array.from({ length: this.size }, (_, i) => i).filter((i) => seen[i] === edge);
    ties.sort((a, b) => word(b, 0) - word(a, 0) || word(b, 1) - word(a, 1));
    const kept = new Set(ties.slice(0, keep - newer));
    let size = 0;
    for (let i = 0; i < this.size; i++) {
      if ((seen[i] ?? 0) > edge || kept.has(i)) {
        used.copyWithin(size++ * this.#stride, i * this.#stride, (i + 1) * this.#stride);
      } else this.#forget(used, i * this.#stride, seen[i] ?? 0);
    }
    this.evictions++;
    this.#fill(used, size);
  }

  #lastTimes(used: Uint32Array<ArrayBuffer>): Float64Array {
    const times = new Float64Array(used.buffer);
    const step = this.#stride / 2;
    return Float64Array.from({ length: this.size }, (_, i) => {
      const first = times[i * step + 1] ?? 0;
      return this.#sides === 1 ? first : Math.max(first, times[i * step + 3] ?? 0);
    });
  }

  #forget(used: Uint32Array<ArrayBuffer>, from: number, seen: number): void {
    for (let side = 0; side < this.#sides; side++) this.#row[side] = used[from + TOTALS + side] ?? 0;
    if (this.#sides === 2) {
      const times = new Float64Array(used.buffer, from * 4, this.#stride / 2);
      this.#lags[2] = seen - (times[1] ?? 0);
      this.#lags[3] = seen - (times[3] ?? 0);
    }
    this.#sketch.put(used[from] ?? 0, used[from + 1] ?? 0, seen, this.#row);
  }
}

function capacityFor(pairs: number): number {
  return Math.ceil(pairs / LOAD) + 1;
}
