import type { Static, TSchema } from 'typebox';
import { parseDocument } from 'yaml';
import { CordonError } from '../errors.ts';
import { check } from './codec.ts';

/**
 * A configuration file's text (YAML) as its schema's type.
 * @param what the file in words, with its path
 * @throws CordonError CONFIG_INVALID naming the first field that is wrong
 */
export function parseConfig<S extends TSchema>(schema: S, text: string, what: string): Static<S> {
  try {
    const document = parseDocument(text);
    // A warning is an unknown tag or directive: nothing that a configuration file needs.
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) throw fault;
    return check(schema, document.toJS({ maxAliasCount: 0 }), what);
  } catch (cause) {
    const got = cause instanceof CordonError ? cause.got : 'text that is not YAML';
    const next = 'correct the file; docs/configuration.md describes every field';
    throw new CordonError('CONFIG_INVALID', { expected: `a valid ${what}`, got, next }, { cause });
  }
}
