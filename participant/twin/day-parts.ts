import { DAY_PARTS } from './columns.ts';
import type { Records } from './records.ts';

/** Largest share of a row's counts in `width` adjacent parts of the day, round midnight too; 0 where there are none. */
export function inAdjacentParts(records: Records, row: number, column: number, width: number): number {
  let [total, best] = [0, 0];
  for (let part = 0; part < DAY_PARTS; part++) {
    total += records.get(row, column + part);
    let sum = 0;
    for (let i = 0; i < width; i++) sum += records.get(row, column + ((part + i) % DAY_PARTS));
    best = Math.max(best, sum);
  }
  return total === 0 ? 0 : best / total;
}

/** Parts of the day with a fair share of a row's counts: at least half of what each would have of an even spread. */
export function busyParts(records: Records, row: number, column: number): number {
  const counts = Array.from({ length: DAY_PARTS }, (_, part) => records.get(row, column + part));
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.filter((count) => count > 0 && count * DAY_PARTS * 2 >= total).length;
}
