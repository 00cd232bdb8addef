import { leastThreshold, MAX_COMMITTEE } from './roster.ts';
import type { Roster } from './roster.ts';

export interface Tolerance {
  /** Committee members. */
  readonly m: number;
  /** Answers that open a sum. */
  readonly t: number;
  /** Committee members that may collude with the coordinator. */
  readonly cCommittee: number;
  /** Committee members that may be silent, m - t. */
  readonly maySilent: number;
}

/**
 * Every admissible (m, t) with the most that may collude and the most that may be silent: one more of the one costs
 * two, then none, of the other, by t > (m + cCommittee) / 2.
 * @param maxM 3 to 15; greater is taken as 15
 */
export function toleranceTable(maxM: number): Tolerance[] {
  const rows: Tolerance[] = [];
  for (let m = 3; m <= Math.min(maxM, MAX_COMMITTEE); m++) {
    for (let t = leastThreshold(m, 1); t <= m; t++) {
      rows.push({ m, t, cCommittee: 2 * t - m - 1, maySilent: m - t });
    }
  }
  return rows;
}

/** The most that the numbers of a roster would be safe against, whatever bounds it states. */
export interface Margin {
  /** Members that may collude with the coordinator before an opened sum may hold fewer than two others: kMin - 2. */
  readonly cRoster: number;
  /** Committee members that may collude before two sets of a round could be opened: 2 t - m - 1. */
  readonly cCommittee: number;
  /** Committee members that may be silent: m - t. */
  readonly maySilent: number;
}

/**
 * The greatest bounds that `kMin >= cRoster + 2` and `t > (m + cCommittee) / 2` leave to a roster; what it states may be
 * less. Audits and signatures under epochs go by the cRoster that it states.
 * @param roster one that `checkRoster` has accepted
 */
export function marginOf({ committee, threshold, kMin }: Roster): Margin {
  const m = committee.length;
  return { cRoster: kMin - 2, cCommittee: 2 * threshold - m - 1, maySilent: m - threshold };
}

const people = (count: number): string => (count === 1 ? '1 member' : `${count} members`);

/** What a roster states and what it tolerates, in one line of plain words. */
export function describeRoster(roster: Roster): string {
  const { members, committee, threshold, cRoster, cCommittee, kMin } = roster;
  const { maySilent } = marginOf(roster);
  return (
    `${people(members.length)}, committee of ${committee.length}: ${threshold} answers open a sum of at least ${kMin}; ` +
    `made for at most ${people(cRoster)} (and at most ${cCommittee} of the committee) on the coordinator's side; ` +
    (maySilent === 0
      ? 'no committee member may be silent'
      : `up to ${maySilent} of the committee may be silent`)
  );
}
