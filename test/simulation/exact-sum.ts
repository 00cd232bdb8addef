import fc from 'fast-check';
import { expect } from 'vitest';
import { history } from './deeds.ts';
import type { History } from './deeds.ts';
import { World } from './world.ts';

/** How the rounds of many histories ended. */
export interface Ends {
  readonly published: number;
  readonly failed: number;
  /** Published although somebody was missing, lied or lost a key. */
  readonly withAccidents: number;
  /** Published with a wrong answer named and left out. */
  readonly corrected: number;
  /** Published without a contributor whose shares were proven bad. */
  readonly without: number;
}

/** Plays a history to the end of its round. */
export async function playOut(one: History): Promise<World> {
  const world = new World(one);
  for (const turn of one.turns) await world.take(turn);
  for (let i = 0; i < 80; i++) await world.pass(100);
  return world;
}

/**
 * Plays that many histories: whatever happens, every round ends; what is published holds the update of every member of
 * S once and nothing else; wrong answers are named or the round fails.
 * @param seed of the histories, so that a failure can be played again
 */
export async function checkHistories(numRuns: number, seed: number): Promise<Ends> {
  const ends = { published: 0, failed: 0, withAccidents: 0, corrected: 0, without: 0 };
  await fc.assert(
    fc.asyncProperty(history, async (one) => {
      const world = await playOut(one);
      const { phase, failure } = world.state;
      expect(['published', 'failed']).toContain(phase);
      if (phase === 'failed') {
        ends.failed += 1;
        expect(failure?.next).toMatch(/.+/);
        return;
      }
      ends.published += 1;
      const expected = new Uint32Array(world.opened?.length ?? 0);
      const set = world.set()?.members ?? [];
      for (const member of set) expected[world.members.indexOf(member)] = 1;
      expect(world.opened).toEqual(expected);
      expect(set.length).toBeGreaterThanOrEqual(world.config.kMin);
      expect(new Set(set).size).toBe(set.length);
      expect(world.answers.length).toBeGreaterThanOrEqual(world.config.threshold);
      const lied = world.answers.filter((answer) => world.lies.has(answer)).map(({ member }) => member);
      expect([...world.named].sort()).toEqual(lied.sort());
      if (set.length < one.members || world.answers.length < one.members) ends.withAccidents += 1;
      if (world.named.length > 0) ends.corrected += 1;
      if (world.state.removed.length > 0) ends.without += 1;
      for (const member of world.state.removed) expect(set).not.toContain(member);
    }),
    { numRuns, seed },
  );
  return ends;
}
