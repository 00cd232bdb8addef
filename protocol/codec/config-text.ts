import type { Static, TSchema } from 'typebox';
import { parseDocument, YAMLError } from 'yaml';
import { CordonError } from '../errors.ts';
import { fits } from './codec.ts';
import { describeFault, quoted } from './fault.ts';

const NEXT = 'correct the file; docs/configuration.md describes every field';

/**
 * A configuration file's text (YAML) as its schema's type.
 * @param what the file in words, with its path
 * @param next what to do about a fault, where another document describes the fields
 * @throws CordonError CONFIG_INVALID naming the first field that is wrong
 */
export function parseConfig<S extends TSchema>(
  schema: S,
  text: string,
  what: string,
  next: string = NEXT,
): Static<S> {
  const value = yaml(text, what, next);
  if (fits(schema, value)) return value;
  throw new CordonError('CONFIG_INVALID', {
    ...describeFault(schema, value, { what, show: quoted }),
    next,
  });
}

function yaml(text: string, what: string, next: string): unknown {
  try {
    const document = parseDocument(text);
    // A warning is an unknown tag or directive: nothing that a configuration file needs.
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) throw fault;
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    const detail = { expected: `a valid ${what}`, got: `text that is not YAML${placeOf(cause)}`, next };
    throw new CordonError('CONFIG_INVALID', detail, { cause });
  }
}

/** Where the parser stopped; not in its own words, which repeat the text. */
function placeOf(cause: unknown): string {
  if (!(cause instanceof YAMLError)) return '';
  const [place] = cause.linePos ?? [];
  return place === undefined ? '' : `, in line ${place.line}, column ${place.col}`;
}
