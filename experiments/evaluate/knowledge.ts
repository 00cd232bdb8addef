/** What is known of the campaigns beside their events, and to whom: what figures are split by. */
import type { CampaignTruth } from '../../datasets/simulator/truth.ts';

/** Of `truth/campaigns.json`, or made by hand for real data. */
export type CampaignFacts = Pick<CampaignTruth, 'id' | 'tactic' | 'phase' | 'knownTo'>;

/** Who had labelled incidents of a tactic before the test: the member itself, only others, or nobody. */
export type Knowledge = 'mine' | 'others' | 'nobody';

export const KNOWLEDGE: readonly Knowledge[] = ['mine', 'others', 'nobody'];

/** Tactics of the training time, and which members labelled incidents of each. */
export class TacticKnowledge {
  readonly #knownTo = new Map<string, Set<string>>();

  constructor(campaigns: readonly CampaignFacts[]) {
    for (const { tactic, phase, knownTo } of campaigns) {
      if (phase !== 'train') continue;
      const members = this.#knownTo.get(tactic) ?? new Set();
      for (const member of knownTo) members.add(member);
      this.#knownTo.set(tactic, members);
    }
  }

  of(tactic: string, member: string): Knowledge {
    const members = this.#knownTo.get(tactic);
    if (members === undefined || members.size === 0) return 'nobody';
    return members.has(member) ? 'mine' : 'others';
  }
}
