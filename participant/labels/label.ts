import Type, { type Static } from 'typebox';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { canonicalJson, utf8 } from '../../crypto/public/canonical.ts';
import { LONGEST_NAME } from '../../datasets/name-lengths.ts';
import { fits } from '../../protocol/codec/codec.ts';
import { describeFault, quoted } from '../../protocol/codec/fault.ts';
import { CordonError } from '../../protocol/errors.ts';
import { Text, closed } from '../../protocol/messages/fields.ts';

/** Longest line; UTF-16 units. Bounds of fields count letters, and one letter can be made of many units. */
export const MOST_LINE = 16 * 1024;
/** The last moment that a `Date` can hold. */
const LATEST = 8.64e15;
const moment = Type.Union([Type.Integer({ minimum: 0, maximum: LATEST }), Type.Null()], {
  description: 'whole milliseconds from 0 on, or null',
});
const name = (what: string) =>
  Type.Union([Type.String({ minLength: 1, maxLength: LONGEST_NAME, pattern: '^\\P{Cc}+$' }), Type.Null()], {
    description: `${what} of 1 to ${LONGEST_NAME} letters, or null for any`,
  });

/** What a label says, without who said it. */
const statement = {
  /** The events from this moment on, milliseconds on their own clock; null only where `uid` names one event. */
  from: moment,
  /** The first moment that does not belong to it any more. */
  to: moment,
  /** Source or destination account; null for any, as with the hosts. */
  account: name('an account'),
  source: name('a source host'),
  destination: name('a destination host'),
  /** The one event that its source calls so; then nothing else is compared. */
  uid: name('the identity of an event'),
  /** Which attack it belongs to. */
  campaign: Type.String({
    minLength: 1,
    maxLength: 128,
    pattern: '^\\P{Cc}+$',
    description: 'the name of a campaign, 1 to 128 letters',
  }),
  technique: Type.Union([Type.String({ pattern: '^T\\d{4}(\\.\\d{3})?$' }), Type.Null()], {
    description: 'an ATT&CK technique like T1021.002, or null',
  }),
  note: Type.Union([Text, Type.Null()], { description: 'one line of at most 1024 letters, or null' }),
  verdict: Type.Union([Type.Literal('malicious'), Type.Literal('benign')]),
};
const Statement = Type.Object(statement, closed);
export type Statement = Static<typeof Statement>;

const Id = Type.String({
  pattern: '^label-[0-9a-f]{16}$',
  description: 'an id of the form label- and 16 lower-case hexadecimal digits',
});
const told = {
  /** Who said so. */
  by: Type.String({ minLength: 1, maxLength: 128, pattern: '^\\P{Cc}+$' }),
  /** When, milliseconds of Unix time. */
  at: Type.Integer({ minimum: 0, maximum: LATEST }),
};

/** A person's word on events of an interval: one line of the label file. */
export const Label = Type.Object({ type: Type.Literal('label'), id: Id, ...statement, ...told }, closed);
export type Label = Static<typeof Label>;

/** A label is taken back: it counts no more from then on, and both lines stay. */
export const Removal = Type.Object({ type: Type.Literal('removal'), id: Id, ...told }, closed);
export type Removal = Static<typeof Removal>;

/** Who says something, and when: milliseconds of Unix time. */
export interface Teller {
  readonly by: string;
  readonly at: number;
}

/**
 * A label that somebody gives. Names become lower-case, as readers write them.
 * @throws CordonError VALUE_OUT_OF_RANGE where it says nothing, or what no label can say
 */
export function makeLabel(given: Statement, { by, at }: Teller): Label {
  const lower = (text: string | null): string | null => text?.toLowerCase() ?? null;
  const { account, source, destination } = given;
  const names = { account: lower(account), source: lower(source), destination: lower(destination) };
  const said = { ...given, ...names };
  if (!fits(Statement, said)) {
    const { expected, got } = describeFault(Statement, said, { what: 'label', show: quoted });
    throw invalid(expected, got);
  }
  const problem = contradiction(said);
  if (problem !== null) throw invalid('a label that says which events it means', problem);
  const label: Label = { type: 'label', id: idOf(said), ...said, by, at };
  if (!fits(Label, label)) {
    const { expected, got } = describeFault(Label, label, { what: 'label', show: quoted });
    throw invalid(expected, got);
  }
  const { length } = lineOf(label);
  if (length > MOST_LINE) throw invalid(`a label of at most ${MOST_LINE} letters`, `${length} letters`);
  return label;
}

/** The word that a label counts no more. @throws CordonError VALUE_OUT_OF_RANGE for a name that nobody has */
export function makeRemoval(id: string, { by, at }: Teller): Removal {
  const removal: Removal = { type: 'removal', id, by, at };
  if (fits(Removal, removal)) return removal;
  const { expected, got } = describeFault(Removal, removal, { what: 'removal of a label', show: quoted });
  throw invalid(expected, got);
}

/** The same label or removal as one line, with its end. */
export function lineOf(entry: Label | Removal): string {
  return `${JSON.stringify(entry)}\n`;
}

/** Why a label of the right form means nothing, or is not what its id stands for; null where all is well. */
export function labelProblem(label: Label): string | null {
  const { type: _type, id, by: _by, at: _at, ...said } = label;
  return (
    contradiction(said) ?? (idOf(said) === id ? null : 'an id that does not go with what the label says')
  );
}

function contradiction(said: Statement): string | null {
  const { from, to, account, source, destination, uid, campaign, note } = said;
  const texts = [account, source, destination, uid, campaign, note];
  if (!texts.every((text) => text === null || text.isWellFormed())) return 'half of a surrogate pair';
  const names = [account, source, destination].filter((text) => text !== null);
  if (uid !== null) {
    return from === null && to === null && names.length === 0 ? null : 'an event by its identity, and more';
  }
  if (names.length === 0) return 'neither an account nor a source nor a destination';
  if (from === null || to === null) return 'no beginning or no end';
  return from < to ? null : 'an end that is not after the beginning';
}

/** The same statement has the same id, whoever makes it and when. */
function idOf(said: Statement): string {
  const digest = nodePrimitives.sha256(utf8('cordon label\0'), utf8(canonicalJson(said)));
  return `label-${Buffer.from(digest.subarray(0, 8)).toString('hex')}`;
}

function invalid(expected: string, got: string): CordonError {
  const next = 'correct what is wrong; add --help to see what a label takes';
  return new CordonError('VALUE_OUT_OF_RANGE', { expected, got, next });
}
