import { KIND } from '../kinds.ts';
import type { Tactic } from './attack.ts';

/** A burst of NTLM network logons with the hash of an administrator or the help desk (ATT&CK T1550.002). */
export const passTheHash: Tactic = {
  name: 'pass-the-hash',
  title: 'NTLM pass-the-hash burst',
  hours: [7, 22],
  ranges: {
    train: { targets: [7, 13], gap: [4, 40], dwell: [1, 6] },
    test: { targets: [4, 8], gap: [10, 150], dwell: [1, 10] },
  },
  steal: ({ random }, org) => random.pick(random.chance(0.6) ? org.admins : org.helpdesk).account,
  spread(attack, org, foothold, account) {
    const { random } = attack;
    const pool = [...random.sample(org.servers, 20), ...random.sample(org.workstations, 20)];
    for (const dst of random.sample(pool, random.range(attack.ranges.targets))) {
      if (dst === foothold) continue;
      attack.wait();
      attack.logon('reuse', 'T1550.002', account, foothold, dst, KIND.ntlm, !random.chance(0.15));
    }
  },
};
