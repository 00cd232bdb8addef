import type { Random } from '../random.ts';
import type { Organisation } from '../world/world.ts';
import type { HabitBook } from './habit-book.ts';
import { KERBEROS, NTLM } from './shares.ts';

/** Applications at their databases and at the core, backup of a third of the servers at night, jobs under service accounts. */
export function services(org: Organisation, book: HabitBook, random: Random): void {
  const { dc, hub } = org.byRole;
  for (const { account, from, to } of org.services) {
    const base = { account, src: from, rhythm: 'always' as const };
    const activity = Math.exp(random.normal() * 0.6);
    for (const dst of to) {
      book.add('remote Kerberos', 'serviceServer', KERBEROS.serviceServer, activity, { ...base, dst });
      if (random.chance(0.4))
        book.add('remote NTLM', 'serviceServer', NTLM.serviceServer, activity, { ...base, dst });
    }
    for (const dst of [dc[account % dc.length], hub[account % hub.length]]) {
      if (dst === undefined || dst === from) continue;
      book.add('remote Kerberos', 'serviceCore', KERBEROS.serviceCore, activity, { ...base, dst });
      book.add('remote NTLM', 'serviceCore', NTLM.serviceCore, activity, { ...base, dst });
    }
    book.add('Batch', 'service', 1, activity, { ...base, dst: from });
    book.add('local Service', 'service', 0.02, activity, { ...base, dst: from });
  }
  const src = org.byRole.backup[0] ?? org.hosts[0] ?? 0;
  for (const dst of org.servers.filter((_, i) => i % 3 === 0)) {
    if (dst === src) continue;
    book.add('remote Kerberos', 'backup', KERBEROS.backup, 1, {
      account: org.backup,
      src,
      dst,
      rhythm: 'night',
    });
  }
}
