import { KIND } from '../kinds.ts';
import type { Tactic } from './attack.ts';

/** Remote Desktop from host to host by hand, network-level authentication first (ATT&CK T1021.001). */
export const rdpHop: Tactic = {
  name: 'rdp-hop',
  title: 'Remote Desktop hopping',
  hours: [8, 23],
  ranges: {
    train: { targets: [3, 6], gap: [300, 1500], dwell: [2, 8] },
    test: { targets: [2, 4], gap: [600, 4000], dwell: [2, 14] },
  },
  steal: ({ random }, org) => random.pick(random.chance(0.4) ? org.admins : org.users).account,
  spread(attack, org, foothold, account) {
    const { random } = attack;
    let from = foothold;
    const pool = [...random.sample(org.servers, 8), ...random.sample(org.workstations, 5)];
    for (const dst of random.sample(pool, random.range(attack.ranges.targets))) {
      if (dst === from) continue;
      attack.wait();
      attack.logon('reuse', 'T1021.001', account, from, dst, random.chance(0.6) ? KIND.kerberos : KIND.ntlm);
      attack.time += 2;
      attack.logon('reuse', 'T1021.001', account, from, dst, KIND.remoteInteractive);
      from = dst;
    }
  },
};
