/** What the rows of hosts and accounts in the history hold, column by column. */

/** Words of the 256-bit sketch of a set of hosts. */
export const SKETCH_WORDS = 8;
/** Kinds that are counted in the rows of hosts and accounts: the first so many that a site has; the others are pairs. */
export const KINDS_IN_ROW = 32;

/** Columns of a host: times of its last event and of the last one within it, in hours, then counts. */
export const HOST = {
  localTime: 1,
  localTotal: 2,
  out: 3,
  in: 4,
  destinations: 5,
  sources: 6,
  accounts: 7,
  fanRecent: 8,
  failures: 9,
  newBurst: 10,
  arrivals: 11,
} as const;

/** Words of a host: hosts it has reached, those that its sources have reached, counts of kinds as destination. */
export const HOST_WORDS = { reached: 0, shared: SKETCH_WORDS, kinds: 2 * SKETCH_WORDS } as const;

/** Columns of an account; from `hours` on eight counts, one for each three-hour part of the day. Its words count kinds. */
export const ACCOUNT = {
  total: 1,
  destinations: 2,
  fanRecent: 3,
  failures: 4,
  newBurst: 5,
  newSources: 6,
  automatic: 7,
  hours: 8,
} as const;

export const HOST_SHAPE = { width: 12, times: 2, words: HOST_WORDS.kinds + KINDS_IN_ROW } as const;
export const ACCOUNT_SHAPE = { width: 16, times: 1, words: KINDS_IN_ROW } as const;

/** Which of the 256 bits of a sketch a host sets. */
export function sketchBit(host: number): number {
  return Math.imul(host, 0x9e3779b1) >>> 24;
}

/** Three-hour part of the day, 0..7. */
export function partOfDay(hours: number): number {
  return Math.floor((((hours % 24) + 24) % 24) / 3);
}
