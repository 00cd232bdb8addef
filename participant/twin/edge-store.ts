import { oldest, Records } from './records.ts';

/** Columns of every edge: the numbers of its two ends; `TO` also holds the class of a network edge (see `withClass`). */
export const FROM = 4;
export const TO = 5;

/** Room for the number of a node in `TO`; above it stands the class. */
const CLASS_UNIT = 2 ** 25;

/** The second half of the key of a network edge. @param serviceClass 0..127 */
export function withClass(to: number, serviceClass: number): number {
  return to + serviceClass * CLASS_UNIT;
}

/** The node in the second half of a key, and the class. */
export function nodeOf(to: number): number {
  return to % CLASS_UNIT;
}

/** The class of service in the second half of a key, 0..127. */
export function classOf(to: number): number {
  return Math.floor(to / CLASS_UNIT);
}

/**
 * Edges between numbered nodes: an open-addressing hash table from (from, to) to a row. When `limit` edges are held, an
 * eighth is forgotten, those that are not established first, then the least recently seen. Rows move then: they are valid
 * until the next `add`.
 */
export class EdgeStore {
  readonly records: Records;
  readonly limit: number;
  /** Edges forgotten so far, to make room or with their nodes. */
  forgotten = 0;
  /** Bucket -> row + 1, 0 where free; at least twice as many buckets as rows. */
  #buckets = new Int32Array(1024);
  #size = 0;
  readonly #established: (row: number) => boolean;

  /**
   * @param width of a row in uint32, see Records
   * @param limit edges at once, at least 8
   * @param established whether the row is of an edge that goes later than the others
   */
  constructor(width: number, limit: number, established: (records: Records, row: number) => boolean) {
    this.records = new Records(width);
    this.limit = Math.max(8, limit);
    this.#established = (row) => established(this.records, row);
  }

  /** Edges held: rows 0..size - 1. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of rows and buckets. */
  get bytes(): number {
    return this.records.bytes + this.#buckets.byteLength;
  }

  /** Row of an edge, or -1. */
  find(from: number, to: number): number {
    const mask = this.#buckets.length - 1;
    const { u32, width } = this.records;
    for (let at = hash(from, to) & mask; ; at = (at + 1) & mask) {
      const row = (this.#buckets[at] ?? 0) - 1;
      if (row < 0) return -1;
      const start = row * width;
      if (u32[start + TO] === to && u32[start + FROM] === from) return row;
    }
  }

  /** Row of a new edge, cleared. Call `find` first. */
  add(from: number, to: number): number {
    if (this.#size >= this.limit) this.#makeRoom();
    const row = this.#size++;
    this.records.reserve(row, this.limit);
    if (this.#size * 2 > this.#buckets.length) {
      this.#buckets = new Int32Array(this.#buckets.length * 2);
      this.#relink(row);
    }
    this.records.clear(row);
    const start = row * this.records.width;
    this.records.u32[start + FROM] = from;
    this.records.u32[start + TO] = to;
    this.#link(row);
    return row;
  }

  /** Removes the edges of forgotten nodes; tables by number as NodeStore.makeRoom gives them, null where none went. */
  dropNodes(goneFrom: Uint8Array | null, goneTo: Uint8Array | null): void {
    this.#keep((row) => {
      const from = this.records.get(row, FROM);
      const to = nodeOf(this.records.get(row, TO));
      return (goneFrom?.[from] ?? 0) === 0 && (goneTo?.[to] ?? 0) === 0;
    });
  }

  #makeRoom(): void {
    const rows = Uint32Array.from({ length: this.#size }, (_, row) => row);
    const count = Math.ceil(this.limit / 8);
    const drop = oldest(this.records, rows, count, this.#established);
    this.#keep((row) => drop[row] === 0);
  }

  #keep(wanted: (row: number) => boolean): void {
    let to = 0;
    for (let row = 0; row < this.#size; row++) {
      if (!wanted(row)) continue;
      if (to !== row) this.records.move(row, to);
      to++;
    }
    this.forgotten += this.#size - to;
    this.#size = to;
    this.#buckets.fill(0);
    this.#relink(to);
  }

  #relink(rows: number): void {
    for (let row = 0; row < rows; row++) this.#link(row);
  }

  #link(row: number): void {
    const mask = this.#buckets.length - 1;
    let at = hash(this.records.get(row, FROM), this.records.get(row, TO)) & mask;
    while (this.#buckets[at] !== 0) at = (at + 1) & mask;
    this.#buckets[at] = row + 1;
  }
}

function hash(from: number, to: number): number {
  let h = Math.imul(from, 0x9e3779b1) ^ Math.imul(to, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
