/** Longer words are no names that somebody mistyped. */
const LONGEST = 256;
/** Names that are looked at: an answer to a mistake takes no long work. */
const MOST_NAMES = 200_000;
/** Edits that still make a misspelling; fewer in a short word. */
const MOST_EDITS = 3;

export interface NearestOptions {
  /** How many names at most. Default 1. */
  readonly most?: number;
  /** Forms of a name that may have been meant, for example without its domain. Default: the name itself. */
  readonly forms?: (name: string) => readonly string[];
}

/**
 * The names that a misspelt word probably stands for, the nearest first, names equally near by code unit: at most one
 * edit away for each three letters of the word, at least one, at most three; upper and lower case are the same.
 * At most 200,000 names are looked at.
 */
export function nearestNames(word: string, names: Iterable<string>, options: NearestOptions = {}): string[] {
  const { most = 1, forms = (name) => [name] } = options;
  if (word.length > LONGEST) return [];
  const asked = word.toLowerCase();
  const limit = Math.min(MOST_EDITS, Math.max(1, Math.floor(asked.length / 3)));
  const found: { readonly name: string; readonly edits: number }[] = [];
  let looked = 0;
  for (const name of names) {
    if (++looked > MOST_NAMES) break;
    const edits = Math.min(...forms(name).map((form) => editDistance(asked, form.toLowerCase(), limit)));
    if (edits > limit) continue;
    found.push({ name, edits });
    if (found.length >= 1000) keepNearest(found, most);
  }
  return keepNearest(found, most).map(({ name }) => name);
}

function keepNearest<T extends { readonly name: string; readonly edits: number }>(
  found: T[],
  most: number,
): T[] {
  found.sort((a, b) => a.edits - b.edits || (a.name < b.name ? -1 : 1));
  found.length = Math.min(found.length, most);
  return found;
}

/**
 * Letters to insert, leave out, replace or swap with their neighbour until one word is the other, each letter touched
 * once (optimal string alignment, Damerau 1964), or `limit + 1` where it takes more than `limit`.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  // What they begin and end with alike takes no edit, and most names of one network have much of it.
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return distanceWithin(a.slice(start, a.length - end), b.slice(start, b.length - end), limit);
}

function distanceWithin(a: string, b: string, limit: number): number {
  const beyond = limit + 1;
  let beforeLast: number[] = [];
  let row: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    let least = i;
    // Farther from the diagonal it takes more than the limit; of the rows only what is near it is written.
    const [from, to] = [Math.max(1, i - limit), Math.min(b.length, i + limit)];
    row[from - 1] = from === 1 ? i : beyond;
    row[to + 1] = beyond;
    for (let j = from; j <= to; j++) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min(replaced, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) edits = Math.min(edits, (beforeLast[j - 2] ?? 0) + 1);
      row[j] = edits;
      if (edits < least) least = edits;
    }
    // A swap reaches over the row between, from where it may be one edit less.
    if (least > beyond) return beyond;
    [beforeLast, last, row] = [last, row, beforeLast];
  }
  return Math.min(last[b.length] ?? 0, beyond);
}
