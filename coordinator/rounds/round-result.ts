import type { ContributorSet } from '../../crypto/public/contributor-set.ts';
import { toBase64Url, uint32ToBytes } from '../../crypto/public/encoding.ts';
import type { LogBody } from '../../protocol/messages/log-entry.ts';
import type { OpenedSum } from '../aggregation/open-round.ts';
import type { RunningAudit } from './running-audit.ts';

/** What a round comes to: its opened sum as it stands in the log, the audit of it, and meanwhile the next model. */
export class RoundResult {
  readonly audit: RunningAudit;
  private readonly opened: LogBody<'opened'>;
  private readonly nextModel: Promise<string>;

  /** @param nextModel hash of the next model, once it is worked out */
  constructor(opened: LogBody<'opened'>, audit: RunningAudit, nextModel: Promise<string>) {
    this.opened = opened;
    this.audit = audit;
    this.nextModel = nextModel;
    // Looked at when the sum is published.
    nextModel.catch(() => undefined);
  }

  /** The entry that publishes it. @throws what kept the next model from being worked out */
  async publication(): Promise<LogBody<'publish'>> {
    const { run, round, transcriptHash, members, setHash, sumHash } = this.opened;
    return { run, round, transcriptHash, members, setHash, sumHash, modelHash: await this.nextModel };
  }
}

/** The entry that says what was opened. */
export function openedEntry(
  { transcript: { run, round }, transcriptHash, setHash, members }: ContributorSet,
  { keySum, sumRoot, sumHash, sumBytes }: OpenedSum,
): LogBody<'opened'> {
  return {
    run,
    round,
    transcriptHash,
    setHash,
    members: members.length,
    keySum: toBase64Url(uint32ToBytes(keySum)),
    sumRoot,
    sumHash,
    sumBytes,
  };
}
