import type { EpochChain } from '../../crypto/public/epoch-chain.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { LogStore } from './log-store.ts';

/** How far a log is. */
export interface LogPosition {
  readonly isEmpty: boolean;
  /** The one in force at its end. */
  readonly epoch: number;
  /** A run or round of it is not over. */
  readonly isOpen: boolean;
}

export function positionOf(entries: readonly SignedLogEntryMessage[]): LogPosition {
  let epoch = 0;
  const open = new Set<string>();
  for (const { entry } of entries) {
    if (entry.kind === 'epoch') epoch = entry.body.epoch;
    if (entry.kind === 'task') open.add(entry.body.run);
    if (entry.kind === 'abort' || entry.kind === 'finish') open.delete(entry.body.run);
  }
  return { isEmpty: entries.length === 0, epoch, isOpen: open.size > 0 };
}

/**
 * Entries of one epoch can be signed by its own coordinator alone. What is missing must therefore belong to epochs with
 * the present key, and a run that a crash cut off is to be ended under the key it was begun with.
 * @throws CordonError CONFIG_INVALID naming the epoch whose coordinator has to be started once more
 */
export function checkContinuation(chain: EpochChain, at: LogPosition): void {
  const first = at.isEmpty ? 0 : at.epoch + (at.isOpen ? 0 : 1);
  for (let epoch = first; epoch <= chain.last.epoch; epoch++) {
    if (chain.roster(epoch)?.coordinatorKey === chain.last.coordinatorKey) continue;
    throw new CordonError('CONFIG_INVALID', {
      expected: `a log that the coordinator of epoch ${epoch} brought up to that epoch, with no run going on`,
      got: `the key of epoch ${chain.last.epoch}, which is another one`,
      next: `start the coordinator once with the key and roster file of epoch ${epoch}, stop it, and start again`,
    });
  }
}

/** Names in the log what it does not know yet: its beginning. Runs that were cut off come next, then the epochs. */
export async function appendGenesis(log: LogStore, chain: EpochChain, at: LogPosition): Promise<void> {
  const [first] = chain.epochs;
  const rosterHash = chain.hash(0);
  if (!at.isEmpty || !first || rosterHash === null) return;
  const { consortium, coordinatorKey } = first.roster;
  await log.append('genesis', { consortium, rosterHash, coordinatorKey });
}

/** The epochs that the log does not know yet, in order; never while a round is open. */
export async function appendEpochs(log: LogStore, chain: EpochChain, at: LogPosition): Promise<void> {
  for (let epoch = at.epoch + 1; epoch <= chain.last.epoch; epoch++) {
    const rosterHash = chain.hash(epoch);
    const previous = chain.hash(epoch - 1);
    if (rosterHash !== null && previous !== null) await log.append('epoch', { epoch, rosterHash, previous });
  }
}
