import fc from 'fast-check';
import { startRound, stepRound } from '../../protocol/round/machine.ts';
import { REFUSABLE_PHASES } from '../../protocol/round/phases.ts';
import type { RoundConfig, RoundEffect, RoundEvent, RoundState } from '../../protocol/round/state.ts';

/** A generated consortium: any committee and bounds that the rules of a roster allow, and any deadlines. */
export const consortium: fc.Arbitrary<RoundConfig> = fc
  .record({
    n: fc.integer({ min: 3, max: 8 }),
    spare: fc.nat(3),
    kMin: fc.nat(3),
    advertiseMs: fc.integer({ min: 1, max: 6000 }),
    collectMs: fc.integer({ min: 1, max: 5000 }),
    graceMs: fc.integer({ min: 0, max: 4000 }),
    checkMs: fc.integer({ min: 1, max: 6000 }),
    openMs: fc.integer({ min: 1, max: 6000 }),
    auditMs: fc.integer({ min: 1, max: 6000 }),
    auditors: fc.integer({ min: 2, max: 3 }),
    settleMs: fc.integer({ min: 0, max: 1000 }),
  })
  .map(({ n, spare, kMin, ...times }) => {
    const members = Array.from({ length: n }, (_, i) => `org-${i + 1}`);
    const least = Math.floor((n + 1) / 2) + 1;
    return {
      round: 1,
      members,
      committee: members,
      threshold: Math.min(n, least + spare),
      kMin: Math.min(n, 3 + kMin),
      ...times,
    };
  });

/** What members do in turn. */
export const DEEDS = ['advertised', 'uploaded', 'checked', 'answered', 'audited'] as const;
type Deed = (typeof DEEDS)[number];

const REASON = { code: 'POLICY_REFUSED', expected: 'something else', got: 'this', next: 'ask' };

/** Something that happens, some time after what happened before. */
export type Happening = readonly [after: number, event: (at: number) => RoundEvent];

/** Anything by anybody, strangers included; members that behave well are likely, so that rounds get to their end. */
export function happenings(members: readonly string[], maxLength: number): fc.Arbitrary<Happening[]> {
  const member = fc.constantFrom(...members, ...members, ...members, 'stranger');
  const of = (type: 'connected' | 'disconnected' | Deed) =>
    member.map((who) => (at: number): RoundEvent => ({ type, member: who, at }));
  const refusal = fc
    .tuple(member, fc.constantFrom(...REFUSABLE_PHASES))
    .map(([who, phase]) => (at: number): RoundEvent => ({
      type: 'refused',
      member: who,
      phase,
      reason: REASON,
      at,
    }));
  const event = fc.oneof(
    { weight: 6, arbitrary: of('advertised') },
    { weight: 6, arbitrary: of('uploaded') },
    { weight: 6, arbitrary: of('checked') },
    { weight: 6, arbitrary: of('answered') },
    { weight: 3, arbitrary: of('audited') },
    {
      weight: 1,
      arbitrary: member.map((contributor) => (at: number): RoundEvent => ({
        type: 'complained',
        contributor,
        at,
      })),
    },
    { weight: 2, arbitrary: of('disconnected') },
    { weight: 2, arbitrary: of('connected') },
    { weight: 1, arbitrary: refusal },
    { weight: 3, arbitrary: fc.constant((at: number): RoundEvent => ({ type: 'tick', at })) },
    {
      weight: 4,
      arbitrary: fc
        .constantFrom('combined' as const, 'covered' as const, 'published' as const)
        .map((type) => (at: number): RoundEvent => ({ type, at })),
    },
  );
  const after = fc.oneof({ weight: 40, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(2000) });
  const one = fc.tuple(after, event).map((happening): Happening[] => [happening]);
  // Most members at once, as in a round that goes well.
  const burst = fc
    .tuple(fc.constantFrom(...DEEDS), fc.subarray([...members], { minLength: 2 }))
    .map(([type, who]) => who.map((m): Happening => [1, (at) => ({ type, member: m, at })]));
  // A round that goes well to its end, or as far as this goes with what happens in between.
  const whole = fc
    .nat(DEEDS.length)
    .map((length) =>
      DEEDS.slice(0, length).flatMap((type): Happening[] => [
        ...members.map((who): Happening => [1, (at) => ({ type, member: who, at })]),
        [1, (at) => ({ type: type === 'audited' ? 'covered' : 'combined', at })],
        [1, (at) => ({ type: 'published', at })],
      ]),
    );
  return fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: one },
        { weight: 4, arbitrary: burst },
        { weight: 1, arbitrary: whole },
      ),
      { maxLength, size: 'max' },
    )
    .map((parts) => parts.flat());
}

export interface Moment {
  readonly event: RoundEvent;
  readonly before: RoundState;
  readonly after: RoundState;
  readonly effects: readonly RoundEffect[];
  readonly taken: boolean;
}

/** Plays a history; returns every step of it. */
export function play(config: RoundConfig, gone: readonly string[], history: readonly Happening[]): Moment[] {
  const moments: Moment[] = [];
  let state = startRound(config, gone, 0);
  let now = 0;
  for (const [after, make] of history) {
    now += after;
    const event = make(now);
    const step = stepRound(config, state, event);
    moments.push({ event, before: state, after: step.state, effects: step.effects, taken: step.taken });
    state = step.state;
  }
  return moments;
}
