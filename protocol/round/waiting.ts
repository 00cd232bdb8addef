import type { RoundConfig, RoundState } from './state.ts';

/** Members of `of` that may still do what the phase waits for: not done, not refused, not gone beyond the grace. */
export function awaited(
  config: RoundConfig,
  state: RoundState,
  of: readonly string[],
  done: readonly string[],
  at: number,
) {
  return of.filter((member) => {
    if (done.includes(member) || Object.hasOwn(state.refused, member)) return false;
    const gone = goneSince(state, member);
    return gone === null || at < gone + config.graceMs;
  });
}

/** How many of `of` have done it or have at least not refused to: whoever is gone may come back before the deadline. */
export function attainable(state: RoundState, of: readonly string[], done: readonly string[]): number {
  return of.filter((member) => done.includes(member) || !Object.hasOwn(state.refused, member)).length;
}

/** Ids are the members' own choice and `constructor` is a valid one, so only own properties count. */
export function goneSince(state: RoundState, member: string): number | null {
  return Object.hasOwn(state.goneSince, member) ? (state.goneSince[member] ?? null) : null;
}
