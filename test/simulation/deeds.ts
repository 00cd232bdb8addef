import fc from 'fast-check';
import { leastThreshold } from '../../crypto/public/roster.ts';
import type { RoundPhase } from '../../protocol/round/phases.ts';

/** What a member does next, if its place in the round allows it. */
export type Deed =
  | 'advertise'
  | 'upload'
  | 'upload badly'
  | 'check'
  | 'complain falsely'
  | 'answer'
  | 'answer wrongly'
  | 'audit'
  | 'leave'
  | 'return'
  | 'restart'
  | 'wait';

export interface Turn {
  readonly deed: Deed;
  /** Place of the member in the roster, from 0. */
  readonly member: number;
  /** Milliseconds after the turn before. */
  readonly after: number;
  /** Milliseconds that each copy of the message is on its way: messages overtake each other and come twice. */
  readonly copies: readonly number[];
  /** Before the deed: if the round is in this phase, its time runs out. */
  readonly lapse?: RoundPhase;
}

/** A consortium and what happens in its round. */
export interface History {
  readonly members: number;
  /** t, between the least that is safe and all. */
  readonly threshold: number;
  /** Whether the coordinator publishes something else than the sum. */
  readonly falseSum: boolean;
  readonly turns: readonly Turn[];
}

/** What a round that goes well asks of its members, in order, and the phase that waits for it. */
const STEPS = [
  ['advertise', 'advertising'],
  ['upload', 'collecting'],
  ['check', 'checking'],
  ['answer', 'opening'],
  ['audit', 'auditing'],
] as const satisfies (readonly [Deed, RoundPhase])[];

/** What is done in place of it by somebody who does not do as the protocol says. */
const AMISS: Partial<Record<Deed, Deed>> = {
  upload: 'upload badly',
  check: 'complain falsely',
  answer: 'answer wrongly',
};

const copies = fc.oneof(
  { weight: 6, arbitrary: fc.constant([0]) },
  { weight: 2, arbitrary: fc.tuple(fc.nat(120)) },
  { weight: 2, arbitrary: fc.tuple(fc.nat(60), fc.nat(120)) },
);

/** A deed of anybody at any time. */
function turn(members: number): fc.Arbitrary<Turn> {
  const deed = fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom<Deed>(...STEPS.map(([deed]) => deed)) },
    { weight: 4, arbitrary: fc.constantFrom<Deed>('leave', 'return', 'wait') },
    { weight: 2, arbitrary: fc.constantFrom<Deed>('restart', ...Object.values(AMISS)) },
  );
  return fc.record({ deed, member: fc.nat(members - 1), after: fc.nat(40), copies });
}

/** A phase in which the members do, in some order, what is asked of them; for those that hang its time runs out. */
function phase(deed: Deed, lapse: RoundPhase, members: number): fc.Arbitrary<Turn[]> {
  const one = fc.record({
    does: fc.oneof(
      { weight: 30, arbitrary: fc.constant(deed) },
      { weight: 2, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constant(AMISS[deed] ?? deed) },
    ),
    rank: fc.nat(1000),
    after: fc.nat(10),
    copies,
  });
  const timeout: Turn = { deed: 'wait', member: 0, after: 0, copies: [], lapse };
  return fc.array(one, { minLength: members, maxLength: members }).map((all) => {
    const order = all.map((each, member) => ({ ...each, member })).sort((a, b) => a.rank - b.rank);
    const turns = order.flatMap(({ does, member, after, copies: on }): Turn[] =>
      does === null ? [] : [{ deed: does, member, after, copies: on }],
    );
    return [...turns, timeout];
  });
}

/**
 * Turns by chance with the phases of a whole round among them, so that most histories come to an opening and every
 * phase has its accidents.
 */
export const history: fc.Arbitrary<History> = fc
  .oneof(
    { weight: 6, arbitrary: fc.integer({ min: 3, max: 5 }) },
    { weight: 3, arbitrary: fc.integer({ min: 6, max: 8 }) },
    { weight: 1, arbitrary: fc.integer({ min: 9, max: 12 }) },
  )
  .chain((members) =>
    fc.record({
      members: fc.constant(members),
      threshold: fc.oneof(
        { weight: 4, arbitrary: fc.constant(leastThreshold(members, 1)) },
        { weight: 1, arbitrary: fc.integer({ min: leastThreshold(members, 1), max: members }) },
      ),
      falseSum: fc.oneof(
        { weight: 19, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
      turns: fc
        .tuple(
          ...STEPS.flatMap(([deed, lapse]) => [
            fc.array(turn(members), { maxLength: 4, size: 'max' }),
            phase(deed, lapse, members),
          ]),
        )
        .map((parts) => parts.flat()),
    }),
  );
