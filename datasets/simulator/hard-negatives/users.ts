import { KIND } from '../kinds.ts';
import type { Scene } from './index.ts';

/** A password has expired: a burst of failures by somebody at their own desk, then success. */
export function passwordExpiry({ org, random, trace, start }: Scene): void {
  const { account, home, portal } = random.pick(org.users);
  const dst = portal ?? org.byRole.dc[0] ?? home;
  const kind = random.chance(0.5) ? KIND.kerberos : KIND.ntlm;
  let time = start + random.exponential(900);
  for (let tries = 2 + random.below(6); tries > 0; tries--) {
    trace.logon(time, account, home, dst, kind, false);
    time += random.between([1, 25]);
  }
  trace.logon(time, account, home, dst, kind);
}

/** Somebody works with a second account from their own desk, on servers: two accounts on one source, as after a theft. */
export function runAs({ org, random, trace, start }: Scene): void {
  const user = random.pick(org.users);
  const { account } = random.chance(0.5) ? random.pick(org.services) : random.pick(org.admins);
  trace.add(Math.floor(start), user.account, account, user.home, user.home, KIND.newCredentials, true);
  let time = start + 3;
  for (const dst of random.sample(org.servers, 1 + random.below(2))) {
    trace.logon(time, account, user.home, dst, random.chance(0.8) ? KIND.kerberos : KIND.ntlm);
    time += random.exponential(120);
  }
}

/** A terminal server after a restart: everybody comes back within minutes, and their work goes on from it. */
export function terminalMorning({ org, random, trace, start }: Scene): void {
  const { terminal, dc, hub } = org.byRole;
  if (terminal.length === 0) return;
  const farm = random.pick(terminal);
  for (const { account, home } of random.sample(org.users, 3 + random.below(8))) {
    const time = start + random.exponential(400);
    trace.logon(time, account, home, farm, KIND.kerberos);
    for (const dst of [...dc.slice(0, 1), ...hub.slice(0, 1)]) trace.ticket(time + 5, account, farm, dst);
  }
}
