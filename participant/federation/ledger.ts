import type { RoundRecord } from '../../crypto/public/round-record.ts';
import type { SpentBudget } from './site-policy.ts';

/**
 * What this member has given away, as the log tells it: every closed round with its own manifest in the set counts,
 * whether a sum was published or not, because the coordinator may have opened it. It is read from the log at every start,
 * so no second file can disagree with it.
 */
export class Ledger implements SpentBudget {
  private readonly member: string;
  private readonly rounds = new Map<string, number>();
  private count = 0;

  constructor(member: string) {
    this.member = member;
  }

  get contributions(): number {
    return this.count;
  }

  roundOf(modelHash: string): number | null {
    return this.rounds.get(modelHash) ?? null;
  }

  /** Updates are counted within an epoch; models that were trained from are remembered over all of them. */
  enterEpoch(): void {
    this.count = 0;
  }

  closed({ closed, transcript }: RoundRecord): void {
    if (closed?.find(this.member) === undefined) return;
    this.rounds.set(transcript.modelHash, transcript.round);
    this.count += 1;
  }
}
