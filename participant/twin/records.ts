/**
 * Rows of one width in one growing buffer, seen as float64 and as uint32 at once, so that all that an event touches of a
 * row lies side by side. Every row begins with two float64: first and last time seen. Counts are uint32 from index 4 on
 * and stay at 2^32 - 1 once they get there.
 */
export class Records {
  /** Length of a row in uint32; even. Row r has its counts at u32[r * width ...], its times at f64[r * width / 2 ...]. */
  readonly width: number;
  f64: Float64Array;
  u32: Uint32Array;
  #capacity: number;

  /** @param width of a row in uint32, even, at least 4 */
  constructor(width: number, rows = 256) {
    this.width = width;
    this.#capacity = rows;
    this.f64 = new Float64Array((rows * width) / 2);
    this.u32 = new Uint32Array(this.f64.buffer);
  }

  /** Makes room for row `row`, as zeros; at most `limit` rows are ever made room for at once. */
  reserve(row: number, limit: number): void {
    if (row < this.#capacity) return;
    this.#capacity = Math.max(row + 1, Math.min(limit, this.#capacity * 2));
    const wider = new Float64Array((this.#capacity * this.width) / 2);
    wider.set(this.f64);
    this.f64 = wider;
    this.u32 = new Uint32Array(wider.buffer);
  }

  /** Sets a row to nothing seen: first and last the wrong way round, counts 0. */
  clear(row: number): void {
    const at = row * this.width;
    this.u32.fill(0, at, at + this.width);
    this.f64[at / 2] = Infinity;
    this.f64[at / 2 + 1] = -Infinity;
  }

  move(from: number, to: number): void {
    this.u32.copyWithin(to * this.width, from * this.width, (from + 1) * this.width);
  }

  /** Widens first and last to hold `time`. Nought has two signs; adding 0 leaves one, whichever came first. */
  see(row: number, time: number): void {
    const at = (row * this.width) >>> 1;
    if (time < (this.f64[at] ?? 0)) this.f64[at] = time + 0;
    if (time > (this.f64[at + 1] ?? 0)) this.f64[at + 1] = time + 0;
  }

  first(row: number): number {
    return this.f64[(row * this.width) >>> 1] ?? 0;
  }

  last(row: number): number {
    return this.f64[((row * this.width) >>> 1) + 1] ?? 0;
  }

  get(row: number, column: number): number {
    return this.u32[row * this.width + column] ?? 0;
  }

  count(row: number, column: number): void {
    const at = row * this.width + column;
    const value = this.u32[at] ?? 0;
    if (value < 0xffffffff) this.u32[at] = value + 1;
  }

  /** Sets bits of a column. */
  mark(row: number, column: number, bits: number): void {
    const at = row * this.width + column;
    this.u32[at] = (this.u32[at] ?? 0) | bits;
  }

  /** Bytes of the buffer. */
  get bytes(): number {
    return this.f64.byteLength;
  }
}

/**
 * Which `drop` of the rows are forgotten: those not established go first, then the least recently seen, of equals the
 * first in the list. Sorts times alone, natively: millions of rows take part of a second.
 * @returns for each place in `rows` 1 where it goes
 */
export function oldest(
  records: Records,
  rows: Uint32Array,
  drop: number,
  established: (row: number) => boolean,
): Uint8Array {
  const gone = new Uint8Array(rows.length);
  let left = drop;
  for (const group of [false, true]) {
    const members = rows.filter((row) => established(row) === group);
    const take = Math.min(left, members.length);
    if (take === 0) continue;
    const times = Float64Array.from(members, (row) => records.last(row)).sort();
    const newest = times[take - 1] ?? 0;
    let equal = take - times.indexOf(newest);
    rows.forEach((row, place) => {
      if (established(row) !== group) return;
      const last = records.last(row);
      if (last < newest || (last === newest && equal-- > 0)) gone[place] = 1;
    });
    left -= take;
  }
  return gone;
}
