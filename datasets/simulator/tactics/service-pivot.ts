import { KIND } from '../kinds.ts';
import type { Tactic } from './attack.ts';

/** A service account used from hosts where it never runs, server after server (ATT&CK T1078.002, T1021.002). */
export const servicePivot: Tactic = {
  name: 'service-pivot',
  title: 'Service-account pivot',
  hours: [0, 23],
  ranges: {
    train: { targets: [5, 9], gap: [120, 900], dwell: [2, 10] },
    test: { targets: [3, 6], gap: [300, 2400], dwell: [3, 16] },
  },
  steal: ({ random }, org) => random.pick(org.services).account,
  spread(attack, org, foothold, account) {
    const { random } = attack;
    let from = foothold;
    for (const dst of random.sample(org.servers, random.range(attack.ranges.targets))) {
      if (dst === from) continue;
      attack.wait();
      if (random.chance(0.7)) attack.kerberos('reuse', 'T1078.002', account, from, dst);
      else attack.logon('reuse', 'T1021.002', account, from, dst, KIND.ntlm);
      if (random.chance(0.6)) from = dst;
    }
  },
};
