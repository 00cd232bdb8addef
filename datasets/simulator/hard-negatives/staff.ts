import { KIND } from '../kinds.ts';
import type { Scene } from './index.ts';

/** The help desk visits desks that it may never have visited. */
export function helpDeskTickets({ org, random, trace, start }: Scene): void {
  const { account, home } = random.pick(org.helpdesk);
  let time = start;
  for (const dst of random.sample(org.workstations, 1 + random.below(3))) {
    trace.logon(time, account, home, dst, KIND.kerberos);
    if (random.chance(0.5)) trace.logon(time + 2, account, home, dst, KIND.ntlm);
    time += random.exponential(1800);
  }
}

/** An administrator patches many servers in one evening, from another desk now and then. */
export function serverWork({ org, random, trace, start }: Scene): void {
  const { account, home } = random.pick(org.admins);
  const src = random.chance(0.12) ? random.pick(org.workstations) : home;
  const kind = random.chance(0.3) ? KIND.ntlm : KIND.kerberos;
  let time = start;
  for (const dst of random.sample(org.servers, 2 + random.below(8))) {
    trace.logon(time, account, src, dst, kind);
    time += random.exponential(240);
  }
}

/** New machines are handed out: one account, many desks within minutes; looks like a passed hash. */
export function rollout({ org, random, trace, start }: Scene): void {
  const { account, home } = random.pick(random.chance(0.5) ? org.admins : org.helpdesk);
  const kind = random.chance(0.6) ? KIND.ntlm : KIND.kerberos;
  let time = start;
  for (const dst of random.sample(org.workstations, 3 + random.below(8))) {
    trace.logon(time, account, home, dst, kind, !random.chance(0.1));
    time += random.exponential(50);
  }
}
