import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { plainText } from '../messages/text.ts';
import { nearestNames } from '../nearest-names.ts';

/** A field that the schema does not know is named by its sender, so the name is cut. */
const LONGEST_PLACE = 100;
/** Unknown fields of one object that are compared with the known ones. */
const MOST_FIELDS = 100;
/** Shorter than any key or signature, so that none is repeated that stands in the wrong field. */
const LONGEST_QUOTED = 24;

/** The first thing in a value that is not as its schema says, in words for people. */
interface Fault {
  /** For example `epochs[0].roster.kMin`, lists counted from 0; empty for the value as a whole. */
  readonly place: string;
  /** What belongs there; null where nothing of that name does. */
  readonly expected: string | null;
  /** What is there, undefined for nothing. */
  readonly found: unknown;
  /** The name of a known field that one which is not known is probably a misspelling of. */
  readonly meant?: string | undefined;
}

type Errors = ReturnType<typeof Value.Errors>;

/** The schema as it stands in memory, as far as words are made of it. */
interface Node {
  readonly [key: string]: unknown;
}

/** Errors that are not about what stands at their place, but about what is missing in it or one of several ways to read it. */
const STRUCTURAL: ReadonlySet<string> = new Set(['required', 'boolean', 'additionalProperties', 'anyOf']);

/**
 * What is wrong first in a value that its schema does not accept: which field, what belongs there, what was found.
 * @param what the value in words, for example `roster file`
 * @param show how the found value is told: `kindOf` or `quoted`
 */
export function describeFault(
  schema: TSchema,
  value: unknown,
  { what, show }: { what: string; show: (found: unknown) => string },
): { expected: string; got: string } {
  const { place, expected, found, meant } = faultOf(schema, value);
  if (expected === null) {
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    return {
      expected: `only known fields in the ${what}`,
      got: `a field that is not known: ${place}${hint}`,
    };
  }
  return {
    expected: plainText(place === '' ? `a ${what}: ${expected}` : `${place} in the ${what}: ${expected}`),
    got: found === undefined && place !== '' ? `no ${place}` : `${show(found)}${place && ` at ${place}`}`,
  };
}

function faultOf(schema: TSchema, value: unknown): Fault {
  const errors = Value.Errors(schema, value);
  return faultByKind(schema, value, errors) ?? faultFrom(schema, value, errors);
}

/**
 * Where the first fault is in an object that may be of several kinds, told apart by the word in `kind`: what is wrong with
 * it as one of its kind. What it would lack as another kind says nothing.
 */
function faultByKind(schema: TSchema, value: unknown, errors: Errors): Fault | null {
  const [first] = errors;
  const path = first ? stepsOf(first.schemaPath) : [];
  const instance = first ? stepsOf(first.instancePath) : [];
  const before = path.indexOf('anyOf');
  if (before < 0) return null;
  // Of the steps through the schema those into a property or an element are steps through the value.
  const depth = path.filter(
    (step, i) => i < before && (step === 'items' || path[i - 1] === 'properties'),
  ).length;
  const steps = instance.slice(0, depth);
  const found = at(value, steps);
  const ways = at(schema, path.slice(0, before + 1));
  if (!isNode(found) || !Array.isArray(ways)) return null;
  const kinds = ways.map((way: unknown) => at(way, ['properties', 'kind', 'const']));
  if (!kinds.every((kind) => typeof kind === 'string')) return null;
  const way: unknown = ways[kinds.indexOf(String(found['kind']))];
  if (way === undefined) {
    const expected = kinds.map((kind) => JSON.stringify(kind)).join(' or ');
    return { place: placeOf([...steps, 'kind']), expected, found: found['kind'] };
  }
  const fault = faultOf(way as TSchema, found);
  const dot = steps.length === 0 || fault.place === '' || fault.place.startsWith('[') ? '' : '.';
  return { ...fault, place: plainText(`${placeOf(steps)}${dot}${fault.place}`, LONGEST_PLACE) };
}

function faultFrom(schema: TSchema, value: unknown, errors: Errors): Fault {
  const first = errors[0];
  if (!first) return { place: '', expected: wordsOf(schema), found: value };
  const steps = stepsOf(first.instancePath);
  const found = at(value, steps);
  const nodeOf = ({ schemaPath }: { schemaPath: string }) => at(schema, stepsOf(schemaPath));
  if (first.keyword === 'boolean') {
    const holder = at(schema, stepsOf(first.schemaPath).slice(0, -1));
    const meant = meantBy(steps.at(-1) ?? '', freeNames(at(value, steps.slice(0, -1)), [holder]));
    return { place: placeOf(steps), expected: null, found, meant };
  }
  if (first.keyword === 'required') {
    const ways = errors.filter(
      ({ instancePath, keyword }) => instancePath === first.instancePath && keyword === 'required',
    );
    const cause = misspelt(found, ways.map(nodeOf));
    if (cause !== null)
      return { place: placeOf([...steps, cause.name]), expected: null, found, meant: cause.meant };
    const [missing = ''] = first.params.requiredProperties;
    const expected = wordsOf(at(nodeOf(first), ['properties', missing]));
    return { place: placeOf([...steps, missing]), expected, found: undefined };
  }
  // "Null or an object", and an object is there: what is wrong inside of it says more than that it is not null.
  const inside = errors.filter(
    ({ instancePath, keyword }) =>
      instancePath.startsWith(`${first.instancePath}/`) ||
      (instancePath === first.instancePath && keyword === 'required'),
  );
  if (first.keyword === 'type' && isNode(found) && inside.length > 0 && wordsOf(nodeOf(first)) === 'null')
    return faultFrom(schema, value, inside);
  const here = errors.filter(
    ({ instancePath, keyword }) => instancePath === first.instancePath && !STRUCTURAL.has(keyword),
  );
  const ways = new Set(here.map((error) => wordsOf(nodeOf(error))));
  return { place: placeOf(steps), expected: [...ways].join(' or '), found };
}

/** The field that is not known and of which the missing one is probably the right spelling, or null. */
function misspelt(found: unknown, ways: readonly unknown[]): { name: string; meant: string } | null {
  // Where other fields may stand, one that is not known is no fault.
  if (!isNode(found) || !ways.every((way) => isNode(way) && way['additionalProperties'] === false))
    return null;
  const known = new Set(ways.flatMap(namesOf));
  const free = freeNames(found, ways);
  const unknown = Object.keys(found).filter((name) => !known.has(name));
  for (const name of unknown.slice(0, MOST_FIELDS)) {
    const meant = meantBy(name, free);
    if (meant !== undefined) return { name, meant };
  }
  return null;
}

function meantBy(name: string, free: readonly string[]): string | undefined {
  return nearestNames(name, free)[0];
}

/** Fields that an object may have and has not, by any of the schemas. */
function freeNames(found: unknown, ways: readonly unknown[]): string[] {
  return isNode(found) ? ways.flatMap(namesOf).filter((name) => !Object.hasOwn(found, name)) : [];
}

function namesOf(schema: unknown): string[] {
  const properties = isNode(schema) ? schema['properties'] : undefined;
  return isNode(properties) ? Object.keys(properties) : [];
}

/** What kind of thing a value is; nothing of its content. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'string') return value === '' ? 'empty text' : `text of ${value.length} letters`;
  if (typeof value === 'object') return 'an object';
  return typeof value === 'boolean' ? 'true or false' : `a ${typeof value}`;
}

/** The value itself where it is a number, a truth value or a short text, else what kind of thing it is. */
export function quoted(value: unknown): string {
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_QUOTED) return kindOf(value);
  return `the text ${JSON.stringify(plainText(value))}`;
}

const SIZE = {
  minimum: 'of at least',
  exclusiveMinimum: 'above',
  maximum: 'of at most',
  exclusiveMaximum: 'below',
};
const COUNT = { minItems: 'of at least', maxItems: 'of at most' };
const LETTERS = { minLength: 'at least', maxLength: 'at most' };

/** What a schema takes: its own description, or words for its type and bounds. */
function wordsOf(schema: unknown): string {
  const node = isNode(schema) ? schema : {};
  const { description, anyOf, properties, pattern } = node;
  if (typeof description === 'string') return description;
  if ('const' in node) return JSON.stringify(node['const']);
  if (Array.isArray(anyOf)) return anyOf.map(wordsOf).join(' or ');
  switch (node['type']) {
    case 'object':
      return isNode(properties) ? `an object with ${Object.keys(properties).join(', ')}` : 'an object';
    case 'array':
      return `a list ${boundsOf(node, COUNT)}`.trimEnd();
    case 'string':
      return typeof pattern === 'string'
        ? `text of the form ${pattern}`
        : `text${boundsOf(node, LETTERS).replace(/.+/, ' of $& letters')}`;
    case 'integer':
      return `a whole number ${boundsOf(node, SIZE)}`.trimEnd();
    case 'number':
      return `a number ${boundsOf(node, SIZE)}`.trimEnd();
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    default:
      return 'something else';
  }
}

/** The bounds that a schema has, for example `at least 1 and at most 15`, or nothing. */
function boundsOf(node: Node, words: Readonly<Record<string, string>>): string {
  return Object.entries(words)
    .flatMap(([name, word]) => {
      const bound = node[name];
      return typeof bound === 'number' && bound !== Number.MAX_SAFE_INTEGER ? `${word} ${bound}` : [];
    })
    .join(' and ');
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

/** The steps of a JSON pointer (RFC 6901). */
function stepsOf(pointer: string): string[] {
  const steps = pointer.split('/').slice(1);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function at(value: unknown, steps: readonly string[]): unknown {
  let here = value;
  for (const step of steps) here = isNode(here) && Object.hasOwn(here, step) ? here[step] : undefined;
  return here;
}

function placeOf(steps: readonly string[]): string {
  const path = steps.reduce(
    (before, step) =>
      /^\d+$/.test(step) ? `${before}[${step}]` : before === '' ? step : `${before}.${step}`,
    '',
  );
  return plainText(path, LONGEST_PLACE);
}
