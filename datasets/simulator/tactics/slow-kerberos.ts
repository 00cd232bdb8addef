import { DAY_SECONDS } from '../rhythm.ts';
import type { Tactic } from './attack.ts';

/** A stolen account from its own desk, in office hours, some servers a day over Kerberos (ATT&CK T1558, T1021.002). */
export const slowKerberos: Tactic = {
  name: 'slow-kerberos',
  title: 'Slow Kerberos in office hours',
  hours: [9, 15],
  ranges: {
    train: { targets: [4, 7], gap: [1500, 6000], dwell: [10, 24] },
    test: { targets: [2, 5], gap: [2400, 9000], dwell: [12, 30] },
  },
  steal: ({ random }, org) => random.pick(org.users).account,
  spread(attack, org, foothold, account) {
    const { random } = attack;
    const src = org.users.find((user) => user.account === account)?.home ?? foothold;
    for (const dst of random.sample(org.servers, random.range(attack.ranges.targets))) {
      attack.wait();
      const hour = (attack.time % DAY_SECONDS) / 3600;
      if (hour > 17 || hour < 8)
        attack.time =
          (Math.floor(attack.time / DAY_SECONDS) + (hour > 17 ? 1 : 0)) * DAY_SECONDS +
          random.between([8.5, 11]) * 3600;
      if (dst !== src) attack.kerberos('reuse', 'T1021.002', account, src, dst);
    }
  },
};
