/**
 * A sketch of rows that there is no room for elsewhere: the key is kept as a fingerprint of 32 bits, the time in single
 * precision. One hash of the key chooses a block of 16 entries, another one is the fingerprint inside it; where a block is
 * full, its entry with the oldest time gives way. So memory is fixed, and an absent key is taken for a present one with
 * a probability of at most 16 / 2^32 (one look compares with at most 16 fingerprints; Fan et al., "Cuckoo Filter",
 * CoNEXT 2014, section 5.1). What it holds depends on what was put in, not on the order.
 */
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import { fingerprint, hash, placeOf } from './hash.ts';

const WAYS = 16;
/** In front of each row: the fingerprint, 0 where the entry is free, and the time. */
const HEAD = 2;

/** A row is `width` 32-bit words, at `words[place]` and on, or read as `floats`. */
export class FingerprintTable {
  words = new Uint32Array(0);
  floats = new Float32Array(0);
  /** Rows that gave way to newer ones: their keys count as never seen from then on. */
  forgotten = 0;
  readonly #stride: number;
  readonly #blocks: number;
  /** Times are kept as hours from here, the first one that came: single precision is then seconds within a year. */
  #epoch = 0;

  /** @param width words of a row; @param limit rows, rounded up to whole blocks; memory is taken with the first row */
  constructor(width: number, limit: number) {
    this.#stride = width + HEAD;
    this.#blocks = Math.max(1, Math.ceil(limit / WAYS));
  }

  /** Place of the row of a key, or -1. */
  find(high: number, low: number): number {
    if (this.words.length === 0) return -1;
    const check = fingerprint(high, low);
    const from = this.#block(high, low);
    const to = from + WAYS * this.#stride;
    for (let at = from; at < to; at += this.#stride) if (this.words[at] === check) return at + HEAD;
    return -1;
  }

  /** When the key of the row at a place was last seen, in hours. */
  time(place: number): number {
    return this.#epoch + (this.floats[place - 1] ?? 0);
  }

  /** Keeps a row whose key was last seen at `time`, in hours. */
  put(high: number, low: number, time: number, row: Uint32Array): void {
    if (this.words.length === 0) {
      this.#epoch = time;
      this.#allocate();
    }
    const check = fingerprint(high, low);
    const hours = Math.fround(time - this.#epoch);
    const at = this.#room(this.#block(high, low), check, hours);
    if (at < 0) return;
    this.words[at] = check;
    this.floats[at + 1] = hours;
    this.words.set(row, at + HEAD);
  }

  /** Lets go of the row at a place. */
  remove(place: number): void {
    const size = WAYS * this.#stride;
    const gap = place - HEAD;
    let last = gap - (gap % size) + size - this.#stride;
    while (this.words[last] === 0) last -= this.#stride;
    // Used entries stand at the front of their block.
    this.words.copyWithin(gap, last, last + this.#stride);
    this.words.fill(0, last, last + this.#stride);
  }

  write(out: SnapshotWriter): void {
    out.number(this.forgotten);
    out.number(this.#epoch);
    const fills = this.#fills();
    const used = new Uint32Array(fills.reduce((sum, fill) => sum + fill, 0) * this.#stride);
    let to = 0;
    fills.forEach((fill, block) => {
      const from = block * WAYS * this.#stride;
      used.set(this.words.subarray(from, from + fill * this.#stride), to);
      to += fill * this.#stride;
    });
    out.bytes(fills);
    out.bytes(used);
  }

  /** Into an empty table of the same width and limit. @throws CordonError ENCODING_INVALID */
  read(from: SnapshotReader): void {
    this.forgotten = from.whole('forgotten rows', Number.MAX_SAFE_INTEGER);
    this.#epoch = from.number();
    const fills = new Uint8Array(from.bytes('blocks', this.#blocks));
    const rows = fills.reduce((sum, fill) => sum + fill, 0);
    const used = new Uint32Array(from.exactly('fingerprints', rows * this.#stride * 4));
    if (fills.length === 0) return;
    if (fills.length !== this.#blocks || fills.some((fill) => fill > WAYS)) {
      throw from.invalid(`${this.#blocks} blocks of at most ${WAYS}`, `${fills.length} blocks`);
    }
    this.#allocate();
    let at = 0;
    fills.forEach((fill, block) => {
      const next = at + fill * this.#stride;
      this.words.set(used.subarray(at, next), block * WAYS * this.#stride);
      at = next;
    });
  }

  #block(high: number, low: number): number {
    return placeOf(hash(high, low), this.#blocks) * WAYS * this.#stride;
  }

  /** Where a new entry of a block goes: free, its own, or the oldest of a full block; -1 where it is itself the oldest. */
  #room(from: number, check: number, hours: number): number {
    let [oldest, time, held] = [-1, hours, check];
    for (let at = from; at < from + WAYS * this.#stride; at += this.#stride) {
      const other = this.words[at] ?? 0;
      if (other === 0 || other === check) return at;
      const since = this.floats[at + 1] ?? 0;
      if (since < time || (since === time && other < held)) [oldest, time, held] = [at, since, other];
    }
    this.forgotten++;
    return oldest;
  }

  #fills(): Uint8Array {
    return Uint8Array.from({ length: this.words.length === 0 ? 0 : this.#blocks }, (_, block) => {
      let fill = 0;
      while (fill < WAYS && this.words[(block * WAYS + fill) * this.#stride] !== 0) fill++;
      return fill;
    });
  }

  #allocate(): void {
    this.words = new Uint32Array(this.#blocks * WAYS * this.#stride);
    this.floats = new Float32Array(this.words.buffer);
  }
}
