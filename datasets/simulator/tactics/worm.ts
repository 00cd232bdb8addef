import { KIND } from '../kinds.ts';
import type { Tactic } from './attack.ts';

/** A worm: every host that it holds tries others at random with one local password; most fail (ATT&CK T1210). */
export const worm: Tactic = {
  name: 'worm',
  title: 'Scanning worm',
  hours: [0, 23],
  ranges: {
    train: { targets: [10, 20], gap: [1, 12], dwell: [0.3, 2] },
    test: { targets: [5, 10], gap: [3, 60], dwell: [0.3, 4] },
  },
  steal: ({ random }, org) => random.pick(org.users).account,
  spread(attack, org, foothold, account) {
    const { random } = attack;
    const infected = [foothold];
    for (let tries = random.range(attack.ranges.targets); tries > 0; tries--) {
      const from = random.pick(infected);
      const dst = random.pick(org.hosts);
      if (dst === from) continue;
      attack.wait();
      const ok = random.chance(0.4);
      attack.logon('reuse', 'T1210', account, from, dst, KIND.ntlm, ok);
      if (ok && !infected.includes(dst)) infected.push(dst);
    }
  },
};
