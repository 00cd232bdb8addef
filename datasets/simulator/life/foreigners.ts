import type { Random } from '../random.ts';
import type { HardNegative } from '../scenario/hard-negative-names.ts';
import { partnersOf, type Organisation, type World } from '../world/world.ts';
import type { HabitBook } from './habit-book.ts';
import { KERBEROS, NTLM } from './shares.ts';

/** Partners at the exchange hosts, and the managed service of the provider on servers of its partners. */
export function foreigners(
  world: World,
  org: Organisation,
  book: HabitBook,
  random: Random,
  scales: Readonly<Record<HardNegative, number>>,
): void {
  for (const index of partnersOf(world, org.index)) {
    const partner = world.organisations[index];
    if (!partner) continue;
    // Behind a gateway all of them have one name.
    const gateway = scales.sharedSources > 0 ? partner.gateway : null;
    for (const user of partner.partners) {
      const src = gateway ?? user.home;
      const base = { account: user.account, src, rhythm: 'office' as const, shift: user.shift };
      for (const dst of org.byRole.exchange) {
        book.add('remote Kerberos', 'partner', KERBEROS.partner, user.activity, { ...base, dst });
        book.add('remote NTLM', 'partner', NTLM.partner, user.activity, { ...base, dst });
      }
    }
    if (index !== world.provider) continue;
    const src = partner.byRole.jump[0] ?? partner.hosts[0] ?? 0;
    const share = Math.max(0.2, scales.managedService);
    for (const dst of random.sample(org.servers, Math.ceil(org.servers.length * 0.25))) {
      const habit = { account: world.managedAccount, src, dst, rhythm: 'day' as const };
      book.add('remote Kerberos', 'managed', KERBEROS.managed * share, 1, habit);
      book.add('remote NTLM', 'managed', NTLM.managed * share, 1, habit);
    }
  }
}
