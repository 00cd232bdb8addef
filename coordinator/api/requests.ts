import { CordonError } from '../../protocol/errors.ts';
import type { Round } from '../round.ts';

/** What the routes of the bulk plane ask of a request before they do anything. */

/** @throws CordonError STALE_ROUND between rounds */
export function activeRound(currentRound: () => Round | null): Round {
  const round = currentRound();
  if (round) return round;
  throw new CordonError('STALE_ROUND', {
    expected: 'a round in progress',
    got: 'none',
    next: 'wait for the next round',
  });
}

export function noSuch(what: string): CordonError {
  return new CordonError('NOT_FOUND', {
    expected: what,
    got: 'none',
    next: 'read the log and act on the current round',
  });
}

/** @throws CordonError MESSAGE_MALFORMED */
export function naturalNumber(text: unknown): number {
  const value = typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!Number.isNaN(value)) return value;
  throw new CordonError('MESSAGE_MALFORMED', {
    expected: 'a whole number of at most 15 digits',
    got: 'something else',
    next: 'send what the interface description says',
  });
}

/** A body of application/octet-stream. @throws CordonError MESSAGE_MALFORMED */
export function bodyPieces(body: unknown): AsyncIterable<Uint8Array> {
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
    return body as AsyncIterable<Uint8Array>;
  throw new CordonError('MESSAGE_MALFORMED', {
    expected: 'a body of application/octet-stream',
    got: 'none',
    next: 'send what the interface description says',
  });
}

/** A body of application/msgpack. @throws CordonError MESSAGE_MALFORMED */
export function bodyBytes(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  throw new CordonError('MESSAGE_MALFORMED', {
    expected: 'a body of application/msgpack',
    got: 'none',
    next: 'send what the interface description says',
  });
}
