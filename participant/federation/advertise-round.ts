import { joinAdvertisement } from '../../protocol/messages/advertisement.ts';
import type { CommitteeSeat } from '../committee/serve.ts';
import type { MemberModules } from './member.ts';
import type { RunView } from './run-view.ts';
import { checkPolicy } from './site-policy.ts';

type AdvertiseModules = Pick<MemberModules, 'policy' | 'send' | 'bulk' | 'token'>;

/** A committee member's keys for the round to come, or its word that it does not serve; said once a connection. */
export class Advertiser {
  /** Round and connection of what was said last. */
  private said = '';

  /**
   * @param round one that is to come, of this run: a key for another one would take the place of the key that is still needed
   * @throws CordonError POLICY_REFUSED, and what the bulk plane answers
   */
  async advertise(
    run: RunView,
    round: number,
    seat: CommitteeSeat,
    modules: AdvertiseModules,
  ): Promise<void> {
    const { policy, send, bulk } = modules;
    checkPolicy(policy, run.task);
    const said = `${round} ${modules.token()}`;
    if (this.said === said) return;
    if (policy.serveOnCommittee) {
      const key = seat.advertise(round);
      await bulk.advertise(joinAdvertisement({ run: run.run, key: key.public }, key.keys));
      this.said = said;
      return;
    }
    this.said = said;
    send({ type: 'refuse', run: run.run, round, phase: 'advertising', ...NOT_SERVING });
  }
}

/** It still contributes; only its seat on the committee stays empty. */
const NOT_SERVING = {
  code: 'POLICY_REFUSED',
  expected: 'no service on committees',
  got: 'a round that asks for it',
  next: 'only this site can change its policy',
} as const;
