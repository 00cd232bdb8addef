import type { Static, TSchema } from 'typebox';
import { parse } from 'yaml';
import { CordonError } from '../errors.ts';
import { check } from './codec.ts';

/**
 * A configuration file's text (YAML) as its schema's type.
 * @param what the file in words, with its path
 * @throws CordonError CONFIG_INVALID naming the first field that is wrong
 */
export function parseConfig<S extends TSchema>(schema: S, text: string, what: string): Static<S> {
  try {
    return check(schema, parse(text, { maxAliasCount: 0 }), what);
  } catch (cause) {
    const got = cause instanceof CordonError ? cause.got : 'text that is not YAML';
    const next = 'correct the file; docs/configuration.md describes every field';
    throw new CordonError('CONFIG_INVALID', { expected: `a valid ${what}`, got, next }, { cause });
  }
}
