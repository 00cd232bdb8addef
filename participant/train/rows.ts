import type { AuthEvent } from '../../protocol/events/canonical.ts';
import type { SeededStream } from '../../models/seeded-stream.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import { readEvents, readStream, writeEvents, writeStream } from './sample-state.ts';

/** A growing matrix of feature rows, row-major. */
export class RowList {
  readonly width: number;
  #data: Float32Array;
  #length = 0;

  constructor(width: number) {
    this.width = width;
    this.#data = new Float32Array(64 * width);
  }

  get length(): number {
    return this.#length;
  }

  /** All rows; valid until the next `add`. */
  get rows(): Float32Array {
    return this.#data.subarray(0, this.#length * this.width);
  }

  /** A row, 0 <= index < length, not copied; valid until the next `add`. */
  row(index: number): Float32Array {
    return this.#data.subarray(index * this.width, (index + 1) * this.width);
  }

  /** The same rows, or the first `width` values of each, which no later change of these touches. */
  copy(width: number = this.width): RowList {
    const copy = new RowList(width);
    copy.#length = this.#length;
    if (this.#length === 0) return copy;
    if (width === this.width) {
      copy.#data = this.rows.slice();
      return copy;
    }
    copy.#data = new Float32Array(this.#length * width);
    for (let i = 0; i < this.#length; i++) copy.#data.set(this.row(i).subarray(0, width), i * width);
    return copy;
  }

  /** Copies a row of `width` values to the end. */
  add(row: Float32Array): void {
    if ((this.#length + 1) * this.width > this.#data.length) {
      const larger = new Float32Array(this.#data.length * 2);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data.set(row, this.#length * this.width);
    this.#length++;
  }

  write(out: SnapshotWriter): void {
    out.bytes(this.rows);
  }

  /** Takes the rows of a snapshot in place of its own. @throws CordonError ENCODING_INVALID */
  read(from: SnapshotReader, most: number): void {
    const data = new Float32Array(from.bytes('rows', most * this.width * Float32Array.BYTES_PER_ELEMENT));
    if (data.length % this.width !== 0)
      throw from.invalid(`rows of ${this.width} values`, `${data.length} values`);
    this.#length = data.length / this.width;
    this.#data = data.length > 0 ? data : new Float32Array(64 * this.width);
  }

  /** Copies a row over the one at 0 <= index < length. */
  replace(index: number, row: Float32Array): void {
    this.#data.set(row, index * this.width);
  }

  /** Keeps the rows that are wanted, in their order. @param keep asked once for each row, in their order */
  retain(keep: (row: Float32Array, index: number) => boolean): void {
    let kept = 0;
    for (let i = 0; i < this.#length; i++) {
      const row = this.row(i);
      if (!keep(row, i)) continue;
      if (kept < i) this.replace(kept, row);
      kept++;
    }
    this.#length = kept;
  }
}

/** Rows by their values, each as often as it was put in. */
export class RowBag {
  size = 0;
  readonly #counts = new Map<string, number>();

  put(row: Float32Array): void {
    const key = valuesOf(row);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.size++;
  }

  /** Takes one with these values out; false where there is none. */
  take(row: Float32Array): boolean {
    const key = valuesOf(row);
    const count = this.#counts.get(key) ?? 0;
    if (count === 0) return false;
    this.#counts.set(key, count - 1);
    this.size--;
    return true;
  }
}

function valuesOf(row: Float32Array): string {
  return Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString('latin1');
}

/**
 * A sample of at most `capacity` rows out of a stream (Vitter 1985, algorithm R): uniform where every offer has a row.
 * Rows are made only where they are kept. An offer that turns out to have none counts for nothing while the sample fills;
 * later it cannot be told from the others that were not made, so it counts, and later rows are a little rarer than uniform.
 */
export class RowReservoir {
  readonly list: RowList;
  readonly #capacity: number;
  #stream: SeededStream;
  #seen = 0;

  constructor(width: number, capacity: number, stream: SeededStream) {
    this.list = new RowList(width);
    this.#capacity = capacity;
    this.#stream = stream;
  }

  write(out: SnapshotWriter): void {
    out.number(this.#seen);
    writeStream(out, this.#stream);
    this.list.write(out);
  }

  /** Takes the state of a snapshot. @throws CordonError ENCODING_INVALID */
  read(from: SnapshotReader): void {
    this.#seen = from.whole('rows seen', Number.MAX_SAFE_INTEGER);
    this.#stream = readStream(from);
    this.list.read(from, this.#capacity);
  }

  /** Gives up rows with the values of these, each once, where the sample has them; there is then room for others. */
  giveUp(rows: RowBag): void {
    if (rows.size > 0) this.list.retain((row) => !rows.take(row));
  }

  /** Calls `make` only where the sample takes this row, and keeps a copy of it; null where there is none to keep. */
  offer(make: () => Float32Array | null): void {
    const full = this.list.length >= this.#capacity;
    const place = full ? this.#stream.nextBelow(this.#seen + 1) : this.list.length;
    if (place >= this.#capacity) {
      this.#seen++;
      return;
    }
    const row = make();
    if (row === null) return;
    this.#seen++;
    if (full) this.list.replace(place, row);
    else this.list.add(row);
  }
}

/** What becomes of rows that there is no room for: `sample` keeps some from all the time, `recent` the last ones. */
export type WhenFull = 'sample' | 'recent';

/** Feature rows, and the event that each came from. */
export interface ScoredRows {
  readonly list: RowList;
  readonly events: readonly AuthEvent[];
}

/**
 * Feature rows together with the events they came from, bounded. A sample takes at most `limit` rows of which nothing is
 * new, and twice as many in all; of those with something new that come after it is full each is as likely to be kept.
 */
export class ScoredEvents implements ScoredRows {
  readonly list: RowList;
  readonly events: AuthEvent[] = [];
  readonly #limit: number;
  readonly #whenFull: WhenFull;
  #stream: SeededStream;
  /** Rows that came when there was no room. */
  #beyond = 0;

  constructor(width: number, limit: number, whenFull: WhenFull, stream: SeededStream) {
    this.list = new RowList(width);
    this.#limit = limit;
    this.#whenFull = whenFull;
    this.#stream = stream;
  }

  write(out: SnapshotWriter): void {
    out.number(this.#beyond);
    writeStream(out, this.#stream);
    this.list.write(out);
    writeEvents(out, this.events);
  }

  /** Takes the state of a snapshot. @throws CordonError ENCODING_INVALID */
  read(from: SnapshotReader): void {
    this.#beyond = from.whole('rows beyond the limit', Number.MAX_SAFE_INTEGER);
    this.#stream = readStream(from);
    this.list.read(from, 2 * this.#limit);
    this.events.length = 0;
    for (const event of readEvents(from)) this.events.push(event);
    if (this.events.length !== this.list.length)
      throw from.invalid(`${this.list.length} events`, `${this.events.length}`);
  }

  /**
   * Takes out the rows of some events, as copies. Of what is left the oldest comes first where it was `recent`, and there is
   * room for others.
   */
  takeOut(isTaken: (event: AuthEvent) => boolean): ScoredRows {
    const taken = { list: new RowList(this.list.width), events: [] as AuthEvent[] };
    const which = this.events.map(isTaken);
    if (!which.includes(true)) return taken;
    const { list, events } = this;
    const rows = list.copy();
    const given = events.splice(0);
    // The place of the oldest one: those after it were written before those at the beginning.
    const begin = this.#whenFull === 'recent' ? this.#beyond % this.#limit : 0;
    list.retain(() => false);
    for (let i = 0; i < given.length; i++) {
      const at = (begin + i) % given.length;
      const event = given[at];
      if (event === undefined) continue;
      const into = which[at] === true ? taken : { list, events };
      into.list.add(rows.row(at));
      into.events.push(event);
    }
    if (this.#whenFull === 'recent') this.#beyond = 0;
    return taken;
  }

  /** Keeps a copy of the row, or not. @param familiar whether nothing is new about the event */
  add(row: Float32Array, event: AuthEvent, familiar: boolean): void {
    const { length } = this.events;
    const sampled = this.#whenFull === 'sample';
    if (sampled && familiar && length >= this.#limit) return;
    const capacity = sampled ? 2 * this.#limit : this.#limit;
    if (length < capacity) {
      this.list.add(row);
      this.events.push(event);
      return;
    }
    const place = sampled ? this.#stream.nextBelow(capacity + this.#beyond + 1) : this.#beyond % capacity;
    this.#beyond++;
    if (place >= capacity) return;
    this.list.replace(place, row);
    this.events[place] = event;
  }
}
