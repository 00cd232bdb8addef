import Type, { type Static } from 'typebox';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { canonicalJson, utf8 } from '../../crypto/public/canonical.ts';
import { LONGEST_NAME } from '../../datasets/name-lengths.ts';
import { fits } from '../../protocol/codec/codec.ts';
import { describeFault, quoted } from '../../protocol/codec/fault.ts';
import { CordonError } from '../../protocol/errors.ts';
import { closed } from '../../protocol/messages/fields.ts';
import type { Teller } from '../labels/label.ts';

/** The last moment that a `Date` can hold. */
const LATEST = 8.64e15;
const name = (what: string) =>
  Type.Union([Type.String({ minLength: 1, maxLength: LONGEST_NAME, pattern: '^\\P{Cc}+$' }), Type.Null()], {
    description: `${what} of 1 to ${LONGEST_NAME} letters, or null for any`,
  });
const Id = Type.String({ pattern: '^suppression-[0-9a-f]{16}$' });
const told = {
  by: Type.String({ minLength: 1, maxLength: 128, pattern: '^\\P{Cc}+$' }),
  at: Type.Integer({ minimum: 0, maximum: LATEST }),
};
const rule = {
  source: name('a source host'),
  account: name('an account'),
  destination: name('a destination host'),
  /** The first moment, on the clock of the events, from which on it counts no more. */
  until: Type.Integer({ minimum: 0, maximum: LATEST, description: 'the end, in whole milliseconds' }),
  comment: Type.String({
    minLength: 1,
    maxLength: 1024,
    pattern: '^\\P{Cc}+$',
    description: 'why, in one line of at most 1024 letters',
  }),
};

/** Events with every name that it gives raise no alert until its end: one line of the file of suppressions. */
export const Suppression = Type.Object(
  { type: Type.Literal('suppression'), id: Id, ...rule, ...told },
  closed,
);
export type Suppression = Static<typeof Suppression>;
export type SuppressionRule = Pick<Suppression, keyof typeof rule>;

/** It is lifted before its end; both lines stay. */
export const Lift = Type.Object({ type: Type.Literal('lift'), id: Id, ...told }, closed);
export type Lift = Static<typeof Lift>;

/**
 * A rule that somebody makes. Names become lower-case, as readers write them.
 * @throws CordonError VALUE_OUT_OF_RANGE where it names nothing, or what it cannot
 */
export function makeSuppression(given: SuppressionRule, { by, at }: Teller): Suppression {
  const lower = (text: string | null): string | null => text?.toLowerCase() ?? null;
  const { until, comment } = given;
  const said: SuppressionRule = {
    source: lower(given.source),
    account: lower(given.account),
    destination: lower(given.destination),
    until,
    comment,
  };
  const texts = [said.source, said.account, said.destination, comment];
  if (!texts.every((text) => text === null || text.isWellFormed()))
    throw invalid('whole letters', 'half of a surrogate pair');
  const made: Suppression = { type: 'suppression', id: idOf(said), ...said, by, at };
  if (!fits(Suppression, made)) {
    const { expected, got } = describeFault(Suppression, made, { what: 'suppression', show: quoted });
    throw invalid(expected, got);
  }
  if (!namesSomething(made)) throw invalid('a source host, an account or a destination', 'none of them');
  return made;
}

/** Whether it is about something: a rule about everything would switch all alerts off. */
export function namesSomething({ source, account, destination }: SuppressionRule): boolean {
  return (source ?? account ?? destination) !== null;
}

/** The same rule has the same id, whoever makes it and when. */
function idOf(said: SuppressionRule): string {
  const digest = nodePrimitives.sha256(utf8('cordon suppression\0'), utf8(canonicalJson(said)));
  return `suppression-${Buffer.from(digest.subarray(0, 8)).toString('hex')}`;
}

function invalid(expected: string, got: string): CordonError {
  const next = 'correct what is wrong; add --help to see what a suppression takes';
  return new CordonError('VALUE_OUT_OF_RANGE', { expected, got, next });
}
