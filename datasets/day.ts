/** Milliseconds of a day. */
export const DAY_MS = 86_400_000;

/** Times before it count from the start of a recording: no recording lasts thirty years. */
export const YEAR_2000 = Date.UTC(2000, 0);
