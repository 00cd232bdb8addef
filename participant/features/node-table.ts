/**
 * Hosts or accounts by name, bounded: each has a number of its own, float64 columns (column 0 is the time of its last event
 * in hours) and 32-bit words. When there is room for less than two more nodes, the half that was seen longest ago moves
 * into a sketch of twice as many (FingerprintTable: columns in single precision, the name as a fingerprint), from where a
 * node comes back with its number when it is seen again.
 *
 * Slots are places of nodes until the next `makeRoom`, which may move them. The first two hold no node of the table:
 * `look` lends them to names that have no slot.
 */
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import { FingerprintTable } from './fingerprint-table.ts';
import { hashText } from './hash.ts';

/** Slots that are lent. */
const LENT = 2;
/** Code units of all names of a snapshot, at most; names are far shorter than this on average. */
const MOST_TEXT = 2 ** 28;

/** What a node has. */
export interface NodeShape {
  /** Columns, of which the first `times` are hours. */
  readonly width: number;
  readonly times: number;
  readonly words: number;
}

export class NodeTable {
  readonly width: number;
  readonly wordCount: number;
  /** Column c of the node in slot s is at data[s * width + c], its words at words[s * wordCount] and on. */
  data: Float64Array;
  words: Int32Array;
  /** Number of the node in each slot, 1 or greater; 0 where it is not known. Never given to another name. */
  numbers: Uint32Array;
  /** How often half of the nodes moved to the sketch. */
  evictions = 0;
  readonly #limit: number;
  readonly #times: number;
  readonly #sketch: FingerprintTable;
  readonly #row: Uint32Array;
  readonly #floats: Float32Array;
  #slots = new Map<string, number>();
  #names: string[] = ['', ''];
  #next = 1;

  /** @param limit nodes held exactly, at least 4 */
  constructor({ width, times, words }: NodeShape, limit: number) {
    this.width = width;
    this.#times = times;
    this.wordCount = words;
    this.#limit = Math.max(4, limit);
    // In place of the time a row of the sketch has the number.
    this.#sketch = new FingerprintTable(width + words, 2 * this.#limit);
    this.#row = new Uint32Array(width + words);
    this.#floats = new Float32Array(this.#row.buffer);
    const room = LENT + Math.min(1024, this.#limit);
    this.data = new Float64Array(room * width);
    this.words = new Int32Array(room * words);
    this.numbers = new Uint32Array(room);
  }

  /** Nodes held exactly. */
  get size(): number {
    return this.#names.length - LENT;
  }

  /** Nodes that were dropped from the sketch too. */
  get forgotten(): number {
    return this.#sketch.forgotten;
  }

  /** Slot of a name, which becomes no node by it: zeros in the slot `lent` where it is not known. */
  look(name: string, lent: 0 | 1): number {
    const slot = this.#slots.get(name);
    if (slot !== undefined) return slot;
    this.#clear(lent);
    this.#remember(name, lent, false);
    return lent;
  }

  /** Slot of a name, new where it is not known; at most two new ones between calls of `makeRoom`. @param now hours */
  enter(name: string, now: number): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const slot = this.#names.length;
    if (slot >= this.numbers.length) this.#grow();
    this.#names.push(name);
    this.#slots.set(name, slot);
    this.#clear(slot);
    this.data[slot * this.width] = now;
    this.#remember(name, slot, true);
    if (this.numbers[slot] === 0) this.numbers[slot] = this.#next++;
    return slot;
  }

  /** Makes room for the nodes of one more event, where there is none; between events, so that none loses what it reads. */
  makeRoom(): void {
    if (this.size + 2 > this.#limit) this.#dropOldHalf();
  }

  write(out: SnapshotWriter): void {
    const count = this.#names.length;
    out.number(this.evictions);
    out.number(this.#next);
    out.number(this.size);
    out.bytes(this.numbers.subarray(0, count));
    out.bytes(this.data.subarray(0, count * this.width));
    out.bytes(this.words.subarray(0, count * this.wordCount));
    out.bytes(Uint32Array.from(this.#names, ({ length }) => length));
    out.text(this.#names.join(''));
    this.#sketch.write(out);
  }

  /** Into an empty table of the same shape and limit. @throws CordonError ENCODING_INVALID */
  read(from: SnapshotReader): void {
    this.evictions = from.whole('evictions', Number.MAX_SAFE_INTEGER);
    this.#next = from.whole('next number', 2 ** 32, 1);
    const count = LENT + from.whole('nodes', this.#limit);
    while (this.numbers.length < count) this.#grow();
    this.numbers.set(new Uint32Array(from.exactly('numbers', count * 4)));
    this.data.set(new Float64Array(from.exactly('columns', count * this.width * 8)));
    this.words.set(new Int32Array(from.exactly('words', count * this.wordCount * 4)));
    const lengths = new Uint32Array(from.exactly('lengths of names', count * 4));
    const text = from.text('names', MOST_TEXT);
    let at = 0;
    this.#names = Array.from(lengths, (length) => text.slice(at, (at += length)));
    this.#slots = new Map(this.#names.map((name, slot) => [name, slot] as const).slice(LENT));
    if (at !== text.length || this.#slots.size !== count - LENT) {
      throw from.invalid(`${count - LENT} different names`, `${this.#slots.size}`);
    }
    this.#sketch.read(from);
  }

  /** What the sketch still has of a name, put into a slot and, where asked for, taken out of the sketch. */
  #remember(name: string, slot: number, take: boolean): void {
    if (this.evictions === 0) return;
    const place = this.#sketch.find(hashText(name, 0), hashText(name, 1));
    if (place < 0) return;
    const { words: held, floats } = this.#sketch;
    this.numbers[slot] = held[place] ?? 0;
    const time = this.#sketch.time(place);
    this.data[slot * this.width] = time;
    // Single precision is not enough for a time: the sketch has how long it was before column 0.
    for (let c = 1; c < this.width; c++) {
      this.data[slot * this.width + c] = (c < this.#times ? time : 0) + (floats[place + c] ?? 0);
    }
    for (let i = 0; i < this.wordCount; i++) {
      this.words[slot * this.wordCount + i] = held[place + this.width + i] ?? 0;
    }
    if (take) this.#sketch.remove(place);
  }

  #forget(slot: number): void {
    const name = this.#names[slot] ?? '';
    this.#row[0] = this.numbers[slot] ?? 0;
    const time = this.data[slot * this.width] ?? 0;
    for (let c = 1; c < this.width; c++) {
      this.#floats[c] = (this.data[slot * this.width + c] ?? 0) - (c < this.#times ? time : 0);
    }
    for (let i = 0; i < this.wordCount; i++) {
      this.#row[this.width + i] = this.words[slot * this.wordCount + i] ?? 0;
    }
    this.#sketch.put(hashText(name, 0), hashText(name, 1), time, this.#row);
  }

  /** Keeps the nodes seen last; of those seen at the same time the ones with the greater numbers. */
  #dropOldHalf(): void {
    const time = (slot: number): number => this.data[slot * this.width] ?? 0;
    const order = Array.from({ length: this.size }, (_, i) => LENT + i);
    order.sort((a, b) => time(b) - time(a) || (this.numbers[b] ?? 0) - (this.numbers[a] ?? 0));
    const keep = this.size >> 1;
    for (const slot of order.slice(keep)) this.#forget(slot);
    const kept = order.slice(0, keep).toSorted((a, b) => a - b);
    kept.forEach((from, i) => {
      const to = LENT + i;
      this.data.copyWithin(to * this.width, from * this.width, (from + 1) * this.width);
      this.words.copyWithin(to * this.wordCount, from * this.wordCount, (from + 1) * this.wordCount);
      this.numbers[to] = this.numbers[from] ?? 0;
    });
    this.#names = ['', '', ...kept.map((slot) => this.#names[slot] ?? '')];
    this.#slots = new Map(this.#names.map((name, slot) => [name, slot] as const).slice(LENT));
    this.evictions++;
  }

  #clear(slot: number): void {
    this.numbers[slot] = 0;
    this.data.fill(0, slot * this.width, (slot + 1) * this.width);
    this.words.fill(0, slot * this.wordCount, (slot + 1) * this.wordCount);
  }

  #grow(): void {
    const room = LENT + Math.min((this.numbers.length - LENT) * 2, this.#limit);
    this.data = extend(this.data, new Float64Array(room * this.width));
    this.words = extend(this.words, new Int32Array(room * this.wordCount));
    this.numbers = extend(this.numbers, new Uint32Array(room));
  }
}

function extend<T extends Float64Array | Int32Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
