import { deepStrictEqual, equal } from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startRound, stepRound } from '../../protocol/round/machine.ts';
import { ROUND_PHASES } from '../../protocol/round/phases.ts';
import type { RoundConfig, RoundState } from '../../protocol/round/state.ts';
import { DEEDS, consortium, happenings, play } from './history.ts';

const scenario = consortium.chain((config) =>
  fc.record({
    config: fc.constant(config),
    gone: fc.subarray([...config.members]),
    history: happenings(config.members, 80),
  }),
);
/** What the members of a committee do before the coordinator combines. */
const ORDERED = DEEDS.slice(0, 4);
const RUNS = { numRuns: 1000 };

/** Lets time pass, a tick at every instant at which anything may be due; what the coordinator does itself it does at once. */
function letTimePass(config: RoundConfig, from: RoundState, now: number): RoundState {
  let state = from;
  const { advertiseMs, collectMs, checkMs, openMs, auditMs, graceMs, settleMs } = config;
  const longest = advertiseMs + collectMs + checkMs + openMs + auditMs + graceMs + 2 * settleMs;
  for (let at = now; at <= now + longest + 10; at += 10) {
    ({ state } = stepRound(config, state, { type: 'tick', at }));
    if (state.phase === 'combining') ({ state } = stepRound(config, state, { type: 'combined', at }));
    if (state.covered) ({ state } = stepRound(config, state, { type: 'published', at }));
  }
  return state;
}

describe('the round machine over generated histories', () => {
  it('never announces or combines below the threshold, never closes below the floor, and each at most once in order', () => {
    const reached = new Map<string, number>();
    fc.assert(
      fc.property(scenario, ({ config, gone, history }) => {
        const moments = play(config, gone, history);
        const effects = moments.flatMap((moment) => moment.effects);
        const types = effects.map(({ type }) => type).join(' ');
        expect(types).toMatch(/^(announce( close( fix( combine( publish)?)?)?)?)?( ?abort)?$/);
        for (const effect of effects) {
          if (effect.type === 'announce')
            expect(effect.committee.length).toBeGreaterThanOrEqual(config.threshold);
          if (effect.type === 'close' || effect.type === 'fix')
            expect(effect.set.length).toBeGreaterThanOrEqual(config.kMin);
          if (effect.type === 'combine')
            expect(effect.answers.length).toBeGreaterThanOrEqual(config.threshold);
          if (effect.type === 'abort') {
            const { code, next } = effect.reason;
            if (code === 'POLICY_REFUSED') expect(next).toMatch(/^change the task/);
            else if (code !== 'AUDIT_INCOMPLETE') expect(next).toMatch(/^[1-9]\d* more /);
          }
          const names =
            effect.type === 'announce'
              ? effect.committee
              : effect.type === 'close' || effect.type === 'fix'
                ? effect.set
                : effect.type === 'combine'
                  ? effect.answers
                  : [];
          expect(new Set(names).size).toBe(names.length);
          for (const name of names) expect(config.members).toContain(name);
        }
        for (const phase of new Set(moments.map(({ after }) => after.phase)))
          reached.set(phase, (reached.get(phase) ?? 0) + 1);
      }),
      RUNS,
    );
    // The histories are worth something only if they get everywhere.
    for (const phase of ROUND_PHASES)
      expect([phase, reached.get(phase) ?? 0]).toEqual([phase, expect.toSatisfy((n: number) => n > 20)]);
  });

  it('phases only go forward, and after the end nothing changes', () => {
    fc.assert(
      fc.property(scenario, ({ config, gone, history }) => {
        for (const { before, after, effects } of play(config, gone, history)) {
          equal(ROUND_PHASES.indexOf(after.phase) >= ROUND_PHASES.indexOf(before.phase), true);
          if (before.phase === 'published' || before.phase === 'failed') {
            equal(after, before);
            deepStrictEqual(effects, []);
          }
          const covered = after.covered && !before.covered;
          if (after.phase === before.phase) deepStrictEqual(effects, covered ? [{ type: 'publish' }] : []);
        }
      }),
      RUNS,
    );
  });

  it('every history ends once time passes: nothing is waited for beyond its deadline', () => {
    fc.assert(
      fc.property(scenario, ({ config, gone, history }) => {
        const moments = play(config, gone, history);
        const state = moments.at(-1)?.after ?? startRound(config, gone, 0);
        const end = letTimePass(config, state, moments.at(-1)?.event.at ?? 0);
        expect(['published', 'failed']).toContain(end.phase);
        expect(end.failure === null).toBe(end.phase === 'published');
      }),
      RUNS,
    );
  });

  it('a round of which enough members stay, do what is asked and refuse nothing is published', () => {
    fc.assert(
      fc.property(consortium, fc.infiniteStream(fc.nat(1000)), (config, order) => {
        const shuffled = () => config.members.toSorted(() => (order.next().value ?? 0) - 500);
        let state = startRound(config, [], 0);
        const everybody = (type: (typeof DEEDS)[number]) => {
          for (const member of shuffled()) ({ state } = stepRound(config, state, { type, member, at: 0 }));
        };
        for (const type of ['advertised', 'uploaded', 'checked', 'answered'] as const) everybody(type);
        expect(state.phase).toBe('combining');
        ({ state } = stepRound(config, state, { type: 'combined', at: 0 }));
        everybody('audited');
        for (const type of ['covered', 'published'] as const)
          ({ state } = stepRound(config, state, { type, at: 0 }));
        expect(state.phase).toBe('published');
      }),
      { numRuns: 300 },
    );
  });

  it('an event said twice within a phase is as good as said once', () => {
    fc.assert(
      fc.property(scenario, ({ config, gone, history }) => {
        for (const { event, before, after } of play(config, gone, history)) {
          if (before.phase !== after.phase) continue;
          const again = stepRound(config, after, event);
          if (again.state !== after) deepStrictEqual(again.state, after);
          deepStrictEqual(again.effects, []);
        }
      }),
      RUNS,
    );
  });

  it('the order of what happens in one instant within a phase changes nothing but the order in S', () => {
    const sorted = (state: RoundState) => ({
      ...state,
      advertised: state.advertised.toSorted(),
      uploaded: state.uploaded.toSorted(),
      checked: state.checked.toSorted(),
      answered: state.answered.toSorted(),
    });
    fc.assert(
      fc.property(
        consortium.chain((config) =>
          fc.record({
            // Enough answers open the sum at once where nobody waits for spare ones.
            config: fc.constant({ ...config, settleMs: 100 }),
            type: fc.constantFrom(...ORDERED),
            one: fc.shuffledSubarray([...config.members]),
          }),
        ),
        ({ config, type, one }) => {
          let start = startRound(config, [], 0);
          for (const earlier of ORDERED.slice(0, ORDERED.indexOf(type))) {
            for (const member of config.members)
              ({ state: start } = stepRound(config, start, { type: earlier, member, at: 0 }));
          }
          const run = (members: readonly string[]) =>
            members.reduce((state, member) => stepRound(config, state, { type, member, at: 0 }).state, start);
          expect(sorted(run(one))).toEqual(sorted(run(one.toSorted())));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('where nothing changed the very same state comes back, so that nobody is told of it', () => {
    let same = 0;
    fc.assert(
      fc.property(scenario, ({ config, gone, history }) => {
        for (const { before, after, effects, taken } of play(config, gone, history)) {
          if (after !== before) {
            equal(isDeepStrictEqual(after, before), false);
            continue;
          }
          same += 1;
          deepStrictEqual(effects, []);
          equal(taken, false);
        }
      }),
      RUNS,
    );
    expect(same).toBeGreaterThan(1000);
  });
});
