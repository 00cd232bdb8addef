import type { Random } from '../random.ts';
import type { Organisation, World } from '../world/world.ts';
import type { HabitBook } from './habit-book.ts';
import { KERBEROS, NTLM } from './shares.ts';

/** Machine accounts towards the core and portals, every host's services, null sessions, printing. */
export function machines(world: World, org: Organisation, book: HabitBook, random: Random): void {
  const { dc, hub, portal, jump } = org.byRole;
  for (const [place, host] of org.hosts.entries()) {
    const account = world.machineAccount[host] ?? 0;
    const system = world.systemAccount[host] ?? 0;
    const server = world.hostRole[host] !== 'workstation';
    const activity = (server ? 4 : 1) * Math.exp(random.normal() * 0.4);
    const always = { account, rhythm: 'always' as const, src: host };
    // Its controller and its hub; servers have a second controller too.
    const used: [number | undefined, number][] = [
      [dc[place % dc.length], 1],
      [hub[place % hub.length], 0.8],
    ];
    if (server) used.push([dc[(place + 1) % dc.length], 0.6]);
    const group = server ? 'serverCore' : 'machineCore';
    for (const [dst, weight] of new Map(used)) {
      if (dst === undefined || dst === host) continue;
      book.add('remote Kerberos', group, KERBEROS[group], weight * activity, { ...always, dst });
      book.add('remote NTLM', 'machineCore', NTLM.machineCore, weight * activity, { ...always, dst });
    }
    const entrance = portal[place % portal.length];
    if (entrance !== undefined && entrance !== host && place % 8 === 0)
      book.add('remote Kerberos', 'machinePortal', KERBEROS.machinePortal, activity, {
        ...always,
        dst: entrance,
      });
    const local = { ...always, dst: host };
    book.add('local Service', 'system', 0.85, activity, { ...local, account: system });
    book.add('local Service', 'machine', 0.15, activity, { ...local, target: system });
    book.add('local Negotiate', 'machine', 1, activity, { ...local, account: system });
    if (server) book.add('local Kerberos', 'machine', 0.9, activity, local);
    if (server) book.add('local NTLM', 'machine', 0.9, activity, local);
  }
  // Management of desks from the jump host, every day of the same ones.
  for (const src of jump) {
    const account = world.machineAccount[src] ?? 0;
    for (const dst of org.workstations.filter((_, i) => i % 16 === 0))
      book.add('remote Kerberos', 'machineDesk', KERBEROS.machineDesk, 1, {
        account,
        src,
        dst,
        rhythm: 'always',
      });
  }
  for (const [place, src] of org.hosts.entries()) {
    // The controller or the hub that it uses anyway.
    const core = place % 3 === 0 ? hub : dc;
    const dst = core[place % core.length];
    const account = world.anonymousAccount[dst ?? -1] ?? -1;
    if (dst === undefined || account < 0 || src === dst) continue;
    const weight = Math.exp(random.normal() * 0.4);
    book.add('remote NTLM', 'nullCore', NTLM.nullCore, weight, { account, src, dst, rhythm: 'always' });
  }
  for (const src of org.servers.filter((_, i) => i % 4 === 0)) {
    const dst = random.pick(org.servers);
    const account = world.machineAccount[src] ?? 0;
    if (dst !== src)
      book.add('remote NTLM', 'printServer', NTLM.printServer, 1, { account, src, dst, rhythm: 'always' });
  }
}
