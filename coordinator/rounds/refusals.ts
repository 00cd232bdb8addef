import type { ChunkRange } from '../../crypto/public/audit-order.ts';
import type { ContributorSet } from '../../crypto/public/contributor-set.ts';
import type { RoundRecord } from '../../crypto/public/round-record.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { RoundPhase } from '../../protocol/round/phases.ts';
import type { RunningAudit } from './running-audit.ts';

/** What a round refuses because of where it stands or of who says it; one function a rule. */

/** @throws CordonError STALE_ROUND */
export function requireRound(current: number, got: number): void {
  if (got === current) return;
  throw new CordonError('STALE_ROUND', {
    expected: `round ${current}`,
    got: `round ${got}`,
    next: 'read the log and act on the current round',
  });
}

/** @throws CordonError FORBIDDEN for what somebody else has signed */
export function requireOwn(what: string, sender: string, signer: string): void {
  if (signer === sender) return;
  throw new CordonError('FORBIDDEN', {
    expected: `${what} of ${sender}`,
    got: `one of ${signer}`,
    next: 'send only what is your own',
  });
}

/** @throws CordonError ROUND_CLOSED before and after the time for updates */
export function requireCollecting(record: RoundRecord | null, round: number, phase: RoundPhase): RoundRecord {
  if (phase === 'collecting' && record) return record;
  throw new CordonError('ROUND_CLOSED', {
    expected: 'a round that collects updates',
    got: `round ${round} is ${phase}`,
    next: 'wait for the next round',
  });
}

/** @throws CordonError STALE_ROUND before the announcement */
export function requireAnnounced(record: RoundRecord | null, round: number, phase: RoundPhase): RoundRecord {
  if (record) return record;
  throw new CordonError('STALE_ROUND', {
    expected: 'an announced round',
    got: `round ${round} is ${phase}`,
    next: 'wait for the announcement',
  });
}

/** @throws CordonError STALE_ROUND before the close */
export function requireClosed(set: ContributorSet | null, round: number, phase: RoundPhase): ContributorSet {
  if (set) return set;
  throw new CordonError('STALE_ROUND', {
    expected: 'a closed round',
    got: `round ${round} is ${phase}`,
    next: 'wait for the close in the log',
  });
}

/** The result of a round whose sum is not open. */
export function notOpened(round: number, phase: RoundPhase): CordonError {
  return new CordonError('STALE_ROUND', {
    expected: 'a round whose sum is open',
    got: `round ${round} is ${phase}`,
    next: 'wait for the committee',
  });
}

/** @throws CordonError STALE_ROUND while there is no sum to audit, or no more */
export function requireAuditing(
  audit: RunningAudit | undefined,
  round: number,
  phase: RoundPhase,
): RunningAudit {
  if (audit && phase === 'auditing') return audit;
  throw new CordonError('STALE_ROUND', {
    expected: 'a round whose sum is audited',
    got: `round ${round} is ${phase}`,
    next: 'read the log and act on where the round stands',
  });
}

/** Chunks that somebody else audits. */
export function notAsked(member: string, { from, to }: ChunkRange): CordonError {
  return new CordonError('STALE_ROUND', {
    expected: `chunks that ${member} is asked to audit`,
    got: `${from} to ${to}`,
    next: 'ask what is wanted now; others may have been faster',
  });
}

/** A second, different update of a member whose first one has its receipt. */
export function conflicting(member: string): CordonError {
  return new CordonError('CONFLICTING_UPDATE', {
    expected: `the update of ${member} that was accepted before`,
    got: 'another one',
    next: 'send the stored bytes again, or wait for the next round',
  });
}
