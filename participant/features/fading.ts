/**
 * Counts in rows of numbers that halve every hour or every four, brought up to date when they are touched. The first column
 * of a row is the time of its last event, in hours.
 */

/**
 * What is left of the hourly counts of a row, whose four fading columns begin at `fading`; 1 for an event out of order, and
 * where all four are 0, which spares most events the exponential.
 */
export function left(data: Float64Array, row: number, fading: number, now: number): number {
  const hours = now - (data[row] ?? 0);
  if (!(hours > 0)) return 1;
  const at = row + fading;
  if (data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 0 && data[at + 3] === 0) return 1;
  return Math.exp(-Math.LN2 * hours);
}

/** The same with a half-life of four hours, from the share for one hour. */
export function slower(share: number): number {
  return share === 1 ? 1 : Math.sqrt(Math.sqrt(share));
}

/** Moves the clock of a row on. */
export function touch(data: Float64Array, row: number, now: number): void {
  if (now > (data[row] ?? 0)) data[row] = now;
}

/** Lets a count fade to its share, then counts one more where `raise`. */
export function fade(data: Float64Array, at: number, share: number, raise: boolean): void {
  data[at] = (data[at] ?? 0) * share + (raise ? 1 : 0);
}

/** Counts one more. */
export function bump(data: Float64Array, at: number): void {
  data[at] = (data[at] ?? 0) + 1;
}
