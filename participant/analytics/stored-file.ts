import type { Static, TSchema } from 'typebox';
import { readIfThere } from '../../crypto/identity/durable-file.ts';
import { check } from '../../protocol/codec/codec.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';

/** What a file of the state folder is, and what to do where it is damaged. */
export interface StoredKind {
  readonly what: string;
  readonly next: string;
}

/**
 * A file that this member wrote itself, or null where there is none.
 * @throws CordonError ENCODING_INVALID for one that is damaged; it names the file and repeats nothing of it
 */
export async function readStored<S extends TSchema>(
  schema: S,
  path: string,
  { what, next }: StoredKind,
): Promise<Static<S> | null> {
  const text = await readIfThere(path);
  if (text === null) return null;
  try {
    return check(schema, JSON.parse(text), what);
  } catch (cause) {
    const got = cause instanceof SyntaxError ? 'no JSON' : toCordonError(cause).got;
    const expected = `${what} in ${path}, as this member wrote it`;
    throw new CordonError('ENCODING_INVALID', { expected, got, next }, { cause });
  }
}

/** Whether a file was read and is damaged, so that nothing can be made of it. */
export function isDamaged(error: unknown): error is CordonError {
  return error instanceof CordonError && error.code === 'ENCODING_INVALID';
}
