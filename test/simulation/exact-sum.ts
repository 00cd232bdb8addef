import fc from 'fast-check';
import { expect } from 'vitest';
import { history } from './deeds.ts';
import type { History } from './deeds.ts';
import { World } from './world.ts';

/** How the rounds of many histories ended. */
export interface Ends {
  readonly published: number;
  readonly failed: number;
  /** Published although somebody was missing. */
  readonly withAbsence: number;
  /** Published with a wrong answer named and left out. */
  readonly corrected: number;
  /** Published without a contributor whose share was proven bad. */
  readonly without: number;
  /** Complaints about honest contributors that were refused. */
  readonly refusedComplaints: number;
  /** Sums that the coordinator falsified and auditors stopped. */
  readonly stopped: number;
}

/** Every kind of end is worth nothing if it is not reached: each was, more often than that. */
export function expectEveryEnd(ends: Ends, least: Ends): void {
  for (const kind of Object.keys(least) as (keyof Ends)[]) {
    expect(ends[kind], kind).toBeGreaterThan(least[kind]);
  }
}

/** Plays a history to the end of its round. */
export async function playOut(one: History): Promise<World> {
  const world = new World(one);
  for (const turn of one.turns) await world.take(turn);
  for (let i = 0; i < 80; i++) await world.pass(100);
  return world;
}

/**
 * Plays that many histories. Whatever happens, every round ends; what is published holds the update of every member of S
 * once and nothing else; S is all that was closed less those whose shares are proven bad, never an honest one; wrong
 * answers are named or the round fails; a falsified sum is not published.
 * @param seed of the histories, so that a failure can be played again
 */
export async function checkHistories(numRuns: number, seed: number): Promise<Ends> {
  const ends = {
    published: 0,
    failed: 0,
    withAbsence: 0,
    corrected: 0,
    without: 0,
    refusedComplaints: 0,
    stopped: 0,
  };
  await fc.assert(
    fc.asyncProperty(history, async (one) => {
      const world = await playOut(one);
      const { phase, failure, removed } = world.state;
      expect(['published', 'failed']).toContain(phase);
      expect(removed.filter((member) => !world.cheats.has(member))).toEqual([]);
      ends.refusedComplaints += world.refusedComplaints;
      if (phase === 'failed') {
        ends.failed += 1;
        ends.stopped += world.objections > 0 ? 1 : 0;
        expect(failure?.next).toMatch(/.+/);
        return;
      }
      ends.published += 1;
      expect(one.falseSum).toBe(false);
      expect(world.objections).toBe(0);
      const set = world.set?.members ?? [];
      const uploaded = world.uploads.map(({ member }) => member);
      expect(set).toEqual(uploaded.filter((member) => !removed.includes(member)));
      expect(set.length).toBeGreaterThanOrEqual(world.config.kMin);
      const expected = new Uint32Array(world.opened?.length ?? 0);
      for (const member of set) expected[world.members.indexOf(member)] = 1;
      expect(world.opened).toEqual(expected);
      expect(world.answers.length).toBeGreaterThanOrEqual(world.config.threshold);
      const lied = world.answers.filter((answer) => world.committee.lies.has(answer));
      expect([...world.named].sort()).toEqual(lied.map(({ member }) => member).sort());
      if (set.length < one.members || world.answers.length < one.members) ends.withAbsence += 1;
      if (world.named.length > 0) ends.corrected += 1;
      if (removed.length > 0) ends.without += 1;
    }),
    { numRuns, seed },
  );
  return ends;
}
