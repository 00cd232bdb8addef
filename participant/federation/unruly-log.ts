import { CordonError } from '../../protocol/errors.ts';

/** The error for a signed log whose entries do not stand in the order of the protocol: this member takes no further part. */
export function unrulyLog(expected: string, got: string, options?: { readonly cause: unknown }): CordonError {
  const next = 'take no part: the log does not follow the protocol; tell the consortium';
  return new CordonError('LOG_INVALID', { expected, got, next }, options);
}

/** What a round needs first is missing. @param kind of the entry that came too early */
export function outOfOrder(kind: string, round: number): CordonError {
  return unrulyLog(
    `the announcement of round ${round} and its run before its ${kind}`,
    'another round, or none',
  );
}
