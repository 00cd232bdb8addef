import type { Random } from '../random.ts';
import type { HardNegative } from '../scenario/hard-negative-names.ts';
import type { Organisation, User } from '../world/world.ts';
import type { HabitBook } from './habit-book.ts';
import { KERBEROS, NTLM } from './shares.ts';

type Scales = Readonly<Record<HardNegative, number>>;

/** Share of people who also work from elsewhere, over a pool of addresses. */
const AWAY = 0.1;
/** Share of people whose desktop is a terminal server's. */
const TERMINAL = 0.05;

/** A person at their own desk: screen, core, portal and team, the odd old application over NTLM. */
export function person(org: Organisation, user: User, book: HabitBook, random: Random, scales: Scales): void {
  const { account, home, shift, activity } = user;
  const base = { account, src: home, rhythm: 'office' as const, shift };
  const local = { ...base, dst: home };
  book.add('Interactive', 'person', 1, 1, local);
  book.add('Unlock', 'person', 1, activity, local);
  book.add('CachedInteractive', 'person', 1, 1, local);
  book.add('NetworkCleartext', 'person', 1, activity, local);
  book.add('local Kerberos', 'person', 0.1, activity, local);
  book.add('local NTLM', 'person', 0.1, activity, local);
  const { dc, hub, terminal, address } = org.byRole;
  // Hosts are numbered in a row; a desk and those who sit there have the same controller and hub.
  const place = home - (org.hosts[0] ?? 0);
  const controller = dc[place % dc.length] ?? home;
  const share = hub[place % hub.length] ?? home;
  for (const [dst, weight] of [
    [controller, 1],
    [share, 1],
  ] as const) {
    book.add('remote Kerberos', 'personCore', KERBEROS.personCore, weight * activity, { ...base, dst });
    book.add('remote NTLM', 'personCore', NTLM.personCore, weight * activity, { ...base, dst });
    book.add('remote MSV 1.0', 'person', 1, weight * activity, { ...base, dst });
  }
  if (user.portal !== null) {
    const habit = { ...base, dst: user.portal };
    book.add('remote Kerberos', 'personPortal', KERBEROS.personPortal, activity, habit);
    book.add('remote NTLM', 'personPortal', NTLM.personPortal, activity, habit);
  }
  for (const dst of user.servers.filter((server) => server !== home)) {
    book.add('remote Kerberos', 'personServer', KERBEROS.personServer, activity, { ...base, dst });
    book.add('remote NTLM', 'personServer', NTLM.personServer, activity, { ...base, dst });
  }
  if (random.chance(AWAY * scales.sharedSources) && address.length > 1) {
    const leased = { ...base, src: -1 - account };
    const weight = activity * Math.min(1, scales.sharedSources);
    for (const dst of [dc[0] ?? home, hub[0] ?? home])
      book.add('remote Kerberos', 'personLease', KERBEROS.personLease * scales.sharedSources, weight, {
        ...leased,
        dst,
      });
  }
  const farm = terminal[account % Math.max(1, terminal.length)];
  if (farm !== undefined && random.chance(TERMINAL * scales.terminalServers)) {
    book.add('RemoteInteractive', 'terminal', 0.6 * scales.terminalServers, 1, { ...base, dst: farm });
    // From there on the terminal server is the source of everybody's logons.
    for (const dst of [controller, share, ...user.servers].filter((server) => server !== farm))
      book.add('remote Kerberos', 'terminal', KERBEROS.terminal * scales.terminalServers, activity, {
        ...base,
        src: farm,
        dst,
      });
  }
}

/** Administrators on servers, the help desk on a few desks: the same traces as an intruder's. */
export function staff(org: Organisation, book: HabitBook, random: Random, scales: Scales): void {
  for (const admin of org.admins) {
    person(org, admin, book, random, scales);
    const base = { account: admin.account, src: admin.home, rhythm: 'office' as const, shift: admin.shift };
    book.add('NewCredentials', 'staff', 1, 6, { ...base, dst: admin.home });
    for (const dst of [...admin.servers, ...org.byRole.terminal.slice(0, 1)]) {
      const use = Math.exp(random.normal() * 0.5);
      if (dst === admin.home) continue;
      book.add('remote Kerberos', 'admin', KERBEROS.admin * scales.administrators, use, { ...base, dst });
      book.add('remote NTLM', 'admin', NTLM.admin * scales.administrators, use, { ...base, dst });
      book.add('RemoteInteractive', 'admin', 0.3, use, { ...base, dst });
    }
  }
  for (const helper of org.helpdesk) {
    person(org, helper, book, random, scales);
    const base = {
      account: helper.account,
      src: helper.home,
      rhythm: 'office' as const,
      shift: helper.shift,
    };
    book.add('NewCredentials', 'staff', 1, 4, { ...base, dst: helper.home });
    for (const dst of random.sample(org.workstations, 5)) {
      if (dst === helper.home) continue;
      book.add('remote Kerberos', 'helpDesk', KERBEROS.helpDesk * scales.helpDesk, 1, { ...base, dst });
      book.add('remote NTLM', 'helpDesk', NTLM.helpDesk * scales.helpDesk, 1, { ...base, dst });
      book.add('RemoteInteractive', 'helpDesk', 0.1, 1, { ...base, dst });
    }
  }
}
