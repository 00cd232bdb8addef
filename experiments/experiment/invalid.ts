import { CordonError } from '../../protocol/errors.ts';

/** What an experiment file is refused with. */
export function invalid(expected: string, got: string): CordonError {
  const next = 'correct the file; docs/configuration.md describes every field';
  return new CordonError('CONFIG_INVALID', { expected, got, next });
}
