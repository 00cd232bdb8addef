import { KIND } from '../kinds.ts';
import type { Scene } from './index.ts';

/**
 * A name changes hands: a lease runs out, and for some hours two people's logons come from the name that was the
 * other's. To a graph of names it is a strange account on a known source.
 */
export function movedAddresses({ org, random, trace, start }: Scene): void {
  const [one, other] = random.sample(org.users, 2);
  if (!one || !other) return;
  for (const [user, src] of [
    [one, other.home],
    [other, one.home],
  ] as const) {
    let time = start + random.exponential(600);
    const first = org.byRole.dc[(user.home - (org.hosts[0] ?? 0)) % org.byRole.dc.length];
    for (const dst of [first, user.portal, ...user.servers.slice(0, 1)]) {
      if (dst === null || dst === undefined) continue;
      trace.logon(time, user.account, src, dst, random.chance(0.85) ? KIND.kerberos : KIND.ntlm);
      time += random.exponential(900);
    }
  }
}
