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

const people = (count: number): string => (count === 1 ? '1 member' : `${count} members`);

/** What a roster makes safe and what it tolerates, in one line of plain words. */
export function describeRoster(roster: Roster): string {
  const { members, committee, threshold, cRoster, cCommittee, kMin } = roster;
  const m = committee.length;
  return (
    `${people(members.length)}, committee of ${m}: ${threshold} answers open a sum of at least ${kMin}; ` +
    `safe while at most ${people(cRoster)} (and at most ${cCommittee} of the committee) side with the coordinator; ` +
    (m === threshold
      ? 'no committee member may be silent'
      : `up to ${m - threshold} of the committee may be silent`)
  );
}
