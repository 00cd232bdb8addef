import { nodePrimitives } from '../crypto/identity/node-primitives.ts';
import { EMPTY_LOG, appendEntry, headOf } from '../crypto/public/log.ts';
import { rosterHash } from '../crypto/public/roster.ts';
import type { BulkClient } from '../participant/api/bulk-client.ts';
import { decode, encode } from '../protocol/codec/codec.ts';
import { CordonError, toCordonError } from '../protocol/errors.ts';
import { SignedLogEntryMessage } from '../protocol/messages/log-entry.ts';
import { TestFederation } from './crypto-federation.ts';

export const federation = new TestFederation(3);
const { roster, coordinator } = federation;

/** A log of genesis and `count` aborts; `salt` makes another history from entry `from` on. */
export function logOf(count: number, salt = '', from = 0, signer = coordinator): SignedLogEntryMessage[] {
  const entries: SignedLogEntryMessage[] = [];
  let head = EMPTY_LOG;
  for (let i = 0; i <= count; i++) {
    const fields =
      i === 0
        ? {
            kind: 'genesis' as const,
            body: {
              consortium: roster.consortium,
              rosterHash: rosterHash(nodePrimitives, roster),
              coordinatorKey: roster.coordinatorKey,
            },
          }
        : {
            kind: 'abort' as const,
            body: {
              run: 'run-0123456789abcdef',
              round: i,
              code: 'X',
              expected: '',
              got: i >= from ? salt : '',
              next: '',
            },
          };
    const entry = appendEntry(nodePrimitives, signer.sign, head, { time: i, ...fields });
    entries.push(decode(SignedLogEntryMessage, encode(entry)));
    head = headOf(entry);
  }
  return entries;
}

/** A log that goes on to the next epoch with its entry 3, and its chain. */
export function intoNextEpoch() {
  const grown = federation.next(4);
  const [, entered] = grown.opening();
  const entries = logOf(2);
  let last = entries.at(-1);
  if (!entered || !last) throw new Error('no epoch');
  for (const [kind, body] of [entered, ['task', { run: 'x' }] as const]) {
    const signed = appendEntry(nodePrimitives, coordinator.sign, headOf(last), { time: 9, kind, body });
    last = signed as unknown as SignedLogEntryMessage;
    entries.push(last);
  }
  return { grown, entries };
}

/** A bulk plane that gives pages of this log, and fails where it is told to. */
export function serving(log: readonly SignedLogEntryMessage[], page = 3, failAt = -1): BulkClient {
  const plane: Pick<BulkClient, 'log'> = {
    log: (from) =>
      from === failAt
        ? Promise.reject(new CordonError('COORDINATOR_UNREACHABLE', { expected: 'a', got: 'b', next: 'c' }))
        : Promise.resolve(log.slice(from, from + page)),
  };
  return plane as BulkClient;
}

export const indices = (entries: readonly SignedLogEntryMessage[]) => entries.map(({ entry }) => entry.index);

/** What came of it: `accepted`, or the code of what was thrown. */
export async function refused(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'accepted',
    (error: unknown) => toCordonError(error).code,
  );
}
