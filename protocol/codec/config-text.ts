import type { Static, TSchema } from 'typebox';
import { parseDocument } from 'yaml';
import { CordonError } from '../errors.ts';
import { fits } from './codec.ts';
import { describeFault, quoted } from './fault.ts';

/**
 * A configuration file's text (YAML) as its schema's type.
 * @param what the file in words, with its path
 * @throws CordonError CONFIG_INVALID naming the first field that is wrong
 */
export function parseConfig<S extends TSchema>(schema: S, text: string, what: string): Static<S> {
  const value = yaml(text, what);
  if (fits(schema, value)) return value;
  throw new CordonError('CONFIG_INVALID', {
    ...describeFault(schema, value, { what, show: quoted }),
    next: 'correct the file; docs/configuration.md describes every field',
  });
}

function yaml(text: string, what: string): unknown {
  try {
    const document = parseDocument(text);
    // A warning is an unknown tag or directive: nothing that a configuration file needs.
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) throw fault;
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    const next = 'correct the file; docs/configuration.md describes every field';
    const detail = { expected: `a valid ${what}`, got: 'text that is not YAML', next };
    throw new CordonError('CONFIG_INVALID', detail, { cause });
  }
}
