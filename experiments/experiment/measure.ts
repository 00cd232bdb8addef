import type { ScoresOf } from '../evaluate/evaluate.ts';
import { evaluateScores } from '../evaluate/evaluate.ts';
import { figuresOf } from '../evaluate/figures.ts';
import { type FramedWorld, frameMembers } from '../evaluate/framed-members.ts';
import { incidentsOf } from '../demo/compare.ts';
import type { PreparedSites } from './sites.ts';
import type { World } from './world.ts';

/** One figure: of a member, or of all. Null where it is not defined. */
export interface Figure {
  readonly member: string;
  readonly metric: string;
  readonly value: number | null;
}

/** Stands for all members together. */
export const ALL = 'all';

/** The members' events joined with the truth, once for all methods on the same rows. */
export function framed({ sites }: PreparedSites, { campaigns }: Pick<World, 'campaigns'>): FramedWorld {
  const members = [...sites].map(([organisation, site]) => ({
    organisation,
    site,
    truth: incidentsOf(campaigns, organisation),
  }));
  return frameMembers(members, campaigns);
}

/**
 * The benchmark protocol's figures of any scores, one by one, and how many events each member has.
 * @param tracks names of members whose means are told apart
 */
export function measure(
  world: FramedWorld,
  scoresOf: ScoresOf,
  tracks: Readonly<Record<string, readonly string[]>> = {},
): Figure[] {
  return [
    ...figuresOf(evaluateScores(world, scoresOf, tracks)).map(({ member, metric, value }) => ({
      member: member ?? ALL,
      metric,
      value,
    })),
    ...world.members.map(({ organisation, size }) => ({
      member: organisation,
      metric: 'events',
      value: size,
    })),
  ];
}

/** One figure over all members, or null. */
export function overAll(figures: readonly Figure[], name: string): number | null {
  return figures.find(({ member, metric }) => member === ALL && metric === name)?.value ?? null;
}
