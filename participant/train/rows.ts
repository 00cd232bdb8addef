import type { AuthEvent } from '../../protocol/events/canonical.ts';
import type { SeededStream } from '../../models/seeded-stream.ts';

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

  /** Copies a row over the one at 0 <= index < length. */
  replace(index: number, row: Float32Array): void {
    this.#data.set(row, index * this.width);
  }
}

/**
 * A sample of at most `capacity` rows out of a stream (Vitter 1985, algorithm R): uniform where every offer has a row.
 * Rows are made only where they are kept. An offer that turns out to have none counts for nothing while the sample fills;
 * later it cannot be told from the others that were not made, so it counts, and later rows are a little rarer than uniform.
 */
export class RowReservoir {
  readonly list: RowList;
  readonly #capacity: number;
  readonly #stream: SeededStream;
  #seen = 0;

  constructor(width: number, capacity: number, stream: SeededStream) {
    this.list = new RowList(width);
    this.#capacity = capacity;
    this.#stream = stream;
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

/** Feature rows together with the events they came from. */
export class ScoredEvents {
  readonly list: RowList;
  readonly events: AuthEvent[] = [];
  /** Events left out because the list was full and nothing about them was new. */
  skipped = 0;
  readonly #limit: number;

  constructor(width: number, limit: number) {
    this.list = new RowList(width);
    this.#limit = limit;
  }

  /** Keeps a copy of the row; where nothing is new about the event (`familiar`) only while there is room. */
  add(row: Float32Array, event: AuthEvent, familiar: boolean): void {
    if (familiar && this.events.length >= this.#limit) {
      this.skipped++;
      return;
    }
    this.list.add(row);
    this.events.push(event);
  }
}
