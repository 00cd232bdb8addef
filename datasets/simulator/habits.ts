import { AliasTable } from './alias.ts';
import { LOGON_CLASSES, type ClassName } from './kinds.ts';
import { Random } from './random.ts';
import type { Rhythm } from './rhythm.ts';
import { partnersOf, type Organisation, type User, type World } from './world.ts';

/** A way in which somebody logs on again and again. */
export interface Habit {
  readonly account: number;
  readonly target: number;
  readonly src: number;
  readonly dst: number;
  readonly rhythm: Rhythm;
  readonly shift: number;
}

/** All habits that end at one organisation's hosts, by class, with their weights. */
export class Habits {
  readonly lists = new Map<ClassName, Habit[]>(LOGON_CLASSES.map(({ name }) => [name, []]));
  private readonly weights = new Map<ClassName, number[]>(LOGON_CLASSES.map(({ name }) => [name, []]));
  private readonly tables = new Map<ClassName, AliasTable>();

  add(className: ClassName, weight: number, habit: Omit<Habit, 'target' | 'shift'> & Partial<Habit>): void {
    this.lists.get(className)?.push({ target: habit.account, shift: 0, ...habit });
    this.weights.get(className)?.push(weight);
  }

  /** A habit of a class drawn by weight; null where the organisation has none. */
  draw(className: ClassName, random: Random): Habit | null {
    let table = this.tables.get(className);
    if (!table) {
      const weights = this.weights.get(className) ?? [];
      if (weights.length === 0) return null;
      table = new AliasTable(weights);
      this.tables.set(className, table);
    }
    return this.lists.get(className)?.[table.draw(random)] ?? null;
  }
}

const office = (user: User): { rhythm: Rhythm; shift: number } => ({ rhythm: 'office', shift: user.shift });

/** Who logs on where, how often and when, for everything that ends in `org`. */
export function buildHabits(world: World, org: Organisation, seed: number): Habits {
  const random = new Random(seed, `habits/${org.index}`);
  const habits = new Habits();
  machines(world, org, habits, random);
  for (const user of org.users) person(org, user, habits, random, 1);
  staff(org, habits, random);
  services(world, org, habits, random);
  foreigners(world, org, habits, random);
  return habits;
}

/** Machine accounts towards controllers and policy shares, and every host's services. */
function machines(world: World, org: Organisation, habits: Habits, random: Random): void {
  const shares = org.byRole.file.length > 0 ? org.byRole.file : org.byRole.dc;
  for (const host of org.hosts) {
    const account = world.machineAccount[host] ?? 0;
    const system = world.systemAccount[host] ?? 0;
    const server = world.hostRole[host] !== 'workstation';
    const activity = (server ? 5 : 1) * Math.exp(random.normal() * 0.4);
    const always = { rhythm: 'always' as const, src: host };
    for (const [rank, dst] of org.byRole.dc.entries()) {
      if (dst !== host)
        habits.add('remote Kerberos', (2.2 * activity) / (rank + 1), { ...always, account, dst });
    }
    const share = shares[host % shares.length] ?? host;
    if (share !== host) habits.add('remote Kerberos', 0.8 * activity, { ...always, account, dst: share });
    habits.add('local Service', 0.85 * activity, { ...always, account: system, dst: host });
    habits.add('local Service', 0.15 * activity, { ...always, account, target: system, dst: host });
    if (server) habits.add('local Kerberos', activity, { ...always, account, dst: host });
  }
}

/** A person at their own workstation: screen, servers of their work, the odd old application over NTLM. */
function person(org: Organisation, user: User, habits: Habits, random: Random, weight: number): void {
  const base = { account: user.account, src: user.home, ...office(user) };
  const local = { ...base, dst: user.home };
  habits.add('Interactive', 1, local);
  habits.add('Unlock', user.activity, local);
  habits.add('CachedInteractive', 1, local);
  habits.add('local Kerberos', 0.1 * user.activity, local);
  const controller = org.byRole.dc[user.account % org.byRole.dc.length] ?? user.home;
  habits.add('remote Kerberos', 1.5 * weight * user.activity, { ...base, dst: controller });
  for (const [rank, dst] of user.servers.entries()) {
    const use = (2.5 * weight * user.activity) / (rank + 1) ** 2.2;
    habits.add('remote Kerberos', use, { ...base, dst });
    if (random.chance(0.35)) habits.add('remote NTLM', use, { ...base, dst });
  }
  for (const dst of org.byRole.web.slice(0, 1))
    habits.add('NetworkCleartext', user.activity, { ...base, dst });
  if (random.chance(0.15)) {
    for (const dst of org.byRole.terminal.slice(0, 1)) habits.add('RemoteInteractive', 1, { ...base, dst });
  }
}

/** Administrators on every server, the help desk on a part of the workstations: the same traces as an intruder's. */
function staff(org: Organisation, habits: Habits, random: Random): void {
  for (const admin of org.admins) {
    person(org, admin, habits, random, 0.5);
    const base = { account: admin.account, src: admin.home, ...office(admin) };
    habits.add('NewCredentials', 6, { ...base, dst: admin.home });
    for (const dst of random.sample(org.servers, Math.ceil(org.servers.length * 0.6))) {
      const use = 0.8 * Math.exp(random.normal());
      habits.add('remote Kerberos', use, { ...base, dst });
      habits.add('remote NTLM', 0.3 * use, { ...base, dst });
      habits.add('RemoteInteractive', 0.4 * use, { ...base, dst });
    }
  }
  for (const helper of org.helpdesk) {
    person(org, helper, habits, random, 0.5);
    const base = { account: helper.account, src: helper.home, ...office(helper) };
    habits.add('NewCredentials', 4, { ...base, dst: helper.home });
    for (const dst of random.sample(org.workstations, Math.ceil(org.workstations.length * 0.12))) {
      if (dst === helper.home) continue;
      habits.add('remote Kerberos', 0.15, { ...base, dst });
      habits.add('remote NTLM', 0.1, { ...base, dst });
      habits.add('RemoteInteractive', 0.1, { ...base, dst });
    }
  }
}

/** Applications at their databases, monitoring and backup of all servers, jobs under service accounts. */
function services(world: World, org: Organisation, habits: Habits, random: Random): void {
  for (const service of org.services) {
    const base = { account: service.account, src: service.from, rhythm: 'always' as const };
    const activity = 6 * Math.exp(random.normal() * 0.8);
    for (const dst of service.to) {
      if (dst === service.from) continue;
      habits.add('remote Kerberos', activity, { ...base, dst });
      if (random.chance(0.4)) habits.add('remote NTLM', activity, { ...base, dst });
    }
    habits.add('Batch', activity, { ...base, dst: service.from });
    habits.add('local Service', 0.3 * activity, { ...base, dst: service.from });
  }
  const backup = org.byRole.backup[0] ?? org.hosts[0] ?? 0;
  for (const dst of org.servers) {
    if (dst === backup) continue;
    habits.add('remote Kerberos', 1.2, { account: org.backup, src: backup, dst, rhythm: 'night' });
    const print = { account: world.machineAccount[dst] ?? 0, src: dst, rhythm: 'always' as const };
    const share = random.pick(org.servers);
    if (share !== dst) habits.add('remote NTLM', 2, { ...print, dst: share });
  }
}

/** Partners at the exchange hosts, and the managed service of the provider on servers of its partners. */
function foreigners(world: World, org: Organisation, habits: Habits, random: Random): void {
  for (const index of partnersOf(world, org.index)) {
    const partner = world.organisations[index];
    if (!partner) continue;
    for (const user of partner.partners) {
      const base = { account: user.account, src: user.home, ...office(user) };
      for (const dst of org.byRole.exchange) {
        habits.add('remote Kerberos', 0.8 * user.activity, { ...base, dst });
        habits.add('remote NTLM', 0.5 * user.activity, { ...base, dst });
      }
    }
    if (index !== world.provider) continue;
    const jump = partner.byRole.jump[0] ?? partner.hosts[0] ?? 0;
    for (const dst of random.sample(org.servers, Math.ceil(org.servers.length * 0.7))) {
      const base = { account: world.managedAccount, src: jump, dst, rhythm: 'day' as const };
      habits.add('remote Kerberos', 0.8, base);
      habits.add('remote NTLM', 0.2, base);
    }
  }
}
