import { KIND } from '../kinds.ts';
import type { Tactic } from './attack.ts';

/** The provider's management account, turned against its customers' hosts (ATT&CK T1199). */
export const managedService: Tactic = {
  name: 'managed-service',
  title: 'Compromised managed service',
  central: true,
  hours: [6, 22],
  ranges: {
    train: { targets: [8, 14], gap: [20, 120], dwell: [0.5, 3] },
    test: { targets: [4, 8], gap: [40, 400], dwell: [0.5, 6] },
  },
  steal: ({ world }) => world.managedAccount,
  spread(attack, org, foothold, account) {
    const { random, world } = attack;
    // Mostly from the jump host, as the account always works; what differs is where it goes.
    const jump = world.organisations[world.provider]?.byRole.jump[0] ?? foothold;
    const from = random.chance(0.6) ? jump : foothold;
    const pool = [...random.sample(org.workstations, 14), ...random.sample(org.servers, 6)];
    for (const dst of random.sample(pool, random.range(attack.ranges.targets))) {
      if (dst === from) continue;
      attack.wait();
      if (random.chance(0.5)) attack.kerberos('reuse', 'T1199', account, from, dst);
      else attack.logon('reuse', 'T1199', account, from, dst, KIND.ntlm);
    }
  },
};
