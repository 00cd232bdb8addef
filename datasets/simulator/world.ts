import type { SimulateOptions } from './options.ts';
import { Random } from './random.ts';

/** What a host is for. */
export type Role =
  | 'workstation'
  | 'dc'
  | 'file'
  | 'app'
  | 'db'
  | 'web'
  | 'terminal'
  | 'backup'
  | 'scanner'
  | 'exchange'
  | 'jump';

/** A person with an account and a desk; account, home and servers are numbers in the world's lists. */
export interface User {
  readonly account: number;
  readonly home: number;
  /** Servers of the user's daily work, most used first. */
  readonly servers: readonly number[];
  /** Hours by which the working day is shifted. */
  readonly shift: number;
  /** Relative number of events. */
  readonly activity: number;
}

/** A program that logs on by itself from one server to others. */
export interface Service {
  readonly account: number;
  readonly from: number;
  readonly to: readonly number[];
}

/** One organisation; hosts and accounts are numbers in the world's lists. */
export interface Organisation {
  readonly index: number;
  readonly name: string;
  readonly domain: string;
  readonly hosts: readonly number[];
  readonly workstations: readonly number[];
  readonly servers: readonly number[];
  readonly byRole: Readonly<Record<Role, readonly number[]>>;
  readonly users: readonly User[];
  /** Domain administrators: accounts of their own, used from their workstations on every server. */
  readonly admins: readonly User[];
  readonly helpdesk: readonly User[];
  readonly services: readonly Service[];
  readonly backup: number;
  readonly scanner: number;
  /** Accounts with which this organisation's people work in the networks of partners. */
  readonly partners: readonly User[];
}

/** Everything that stays the same during a simulation. Hosts and accounts are numbers into the name lists. */
export interface World {
  readonly organisations: readonly Organisation[];
  readonly hostNames: readonly string[];
  readonly hostOwner: readonly number[];
  readonly hostRole: readonly Role[];
  readonly accountNames: readonly string[];
  /** Machine account of each host. */
  readonly machineAccount: readonly number[];
  /** The SYSTEM account of each host. */
  readonly systemAccount: readonly number[];
  /** Pairs of organisations whose networks trust each other. */
  readonly trust: readonly (readonly [number, number])[];
  /** The organisation that runs servers of its trust partners as a managed service. */
  readonly provider: number;
  /** Account of the managed service; its host is the provider's jump host. */
  readonly managedAccount: number;
}

const NAMES = ['port', 'rail', 'customs', 'depot', 'broker', 'carrier', 'bank', 'grid', 'clinic', 'telecom'];
const ROLES: readonly Role[] = ['app', 'file', 'db', 'web', 'app', 'file', 'terminal', 'db', 'app', 'web'];

/** Heavy-tailed sizes with a floor: the first organisation is the largest. */
export function shareOut(total: number, parts: number, floor: number): number[] {
  const weights = Array.from({ length: parts }, (_, i) => (i + 1) ** -0.9);
  const sum = weights.reduce((a, b) => a + b, 0);
  const free = total - floor * parts;
  const sizes = weights.map((weight) => floor + Math.floor((free * weight) / sum));
  sizes[0] = (sizes[0] ?? 0) + total - sizes.reduce((a, b) => a + b, 0);
  return sizes;
}

/** Names hosts and accounts, gives servers their roles and people their habits. */
export function buildWorld(options: Required<SimulateOptions>): World {
  const random = new Random(options.seed, 'world');
  const hostNames: string[] = [];
  const hostOwner: number[] = [];
  const hostRole: Role[] = [];
  const accountNames: string[] = [];
  const machineAccount: number[] = [];
  const systemAccount: number[] = [];
  let people = 0;

  const addAccount = (name: string): number => accountNames.push(name) - 1;
  const addPerson = (domain: string): number => addAccount(`U${++people}@${domain}`);

  const hostSizes = shareOut(options.hosts, options.orgs, 20);
  const userSizes = shareOut(options.accounts, options.orgs, 20);
  const organisations = hostSizes.map((size, index): Organisation => {
    const domain = `DOM${index + 1}`;
    const hosts: number[] = [];
    const byRole: Record<Role, number[]> = {
      workstation: [],
      dc: [],
      file: [],
      app: [],
      db: [],
      web: [],
      terminal: [],
      backup: [],
      scanner: [],
      exchange: [],
      jump: [],
    };
    const serverCount = Math.max(8, Math.round(size * 0.16));
    const controllers = size > 400 ? 3 : size > 60 ? 2 : 1;
    for (let i = 0; i < size; i++) {
      const role: Role =
        i < controllers
          ? 'dc'
          : i < controllers + 4
            ? ((['backup', 'scanner', 'exchange', 'jump'] as const)[i - controllers] ?? 'app')
            : i < serverCount
              ? (ROLES[(i - controllers - 4) % ROLES.length] ?? 'app')
              : 'workstation';
      const host = hostNames.push(`C${hostNames.length + 1}`) - 1;
      hostOwner.push(index);
      hostRole.push(role);
      hosts.push(host);
      byRole[role].push(host);
      machineAccount.push(addAccount(`C${host + 1}$@${domain}`));
      systemAccount.push(addAccount(`SYSTEM@C${host + 1}`));
    }
    const servers = hosts.slice(controllers, serverCount);
    const workstations = byRole.workstation;
    const work = servers.filter((host) => hostRole[host] !== 'scanner' && hostRole[host] !== 'backup');

    const person = (home: number, most: number, activity: number): User => ({
      account: addPerson(domain),
      home,
      servers: heavyTailedPick(random, work, 1 + random.below(most)),
      shift: random.normal(),
      activity,
    });
    const users = Array.from({ length: userSizes[index] ?? 20 }, (_, i) =>
      person(workstations[i % workstations.length] ?? 0, 6, Math.exp(random.normal() * 0.7)),
    );
    const admins = Array.from({ length: Math.max(1, Math.round(size / 90)) }, () =>
      person(random.pick(workstations), work.length, 4 + 4 * random.unit()),
    );
    const helpdesk = Array.from({ length: Math.max(1, Math.round(size / 150)) }, () =>
      person(random.pick(workstations), 4, 3 + 3 * random.unit()),
    );
    const services = Array.from({ length: Math.max(3, Math.round(servers.length * 0.7)) }, () => ({
      account: addPerson(domain),
      from: random.pick([...byRole.app, ...byRole.web, ...byRole.exchange]),
      to: random.sample([...byRole.db, ...byRole.file, ...byRole.app], 1 + random.below(3)),
    }));
    return {
      index,
      name: NAMES[index] ?? `member${index + 1}`,
      domain,
      hosts,
      workstations,
      servers,
      byRole,
      users,
      admins,
      helpdesk,
      services,
      backup: addPerson(domain),
      scanner: addPerson(domain),
      partners: random.sample(users, Math.max(2, Math.round(users.length * 0.05))),
    };
  });

  return {
    organisations,
    hostNames,
    hostOwner,
    hostRole,
    accountNames,
    machineAccount,
    systemAccount,
    trust: trustLinks(random, options.orgs),
    provider: 0,
    managedAccount: addPerson('DOM1'),
  };
}

/** A connected graph: each organisation trusts an earlier one; the largest is the provider of two at least. */
function trustLinks(random: Random, orgs: number): [number, number][] {
  const links: [number, number][] = [];
  const has = (a: number, b: number): boolean => links.some(([x, y]) => x === a && y === b);
  for (let i = 1; i < orgs; i++) links.push([i <= 2 || random.chance(0.5) ? 0 : random.below(i), i]);
  for (let extra = Math.floor(orgs / 2); extra > 0; extra--) {
    const a = random.below(orgs);
    const b = random.below(orgs);
    if (a < b && !has(a, b)) links.push([a, b]);
  }
  return links;
}

function heavyTailedPick(random: Random, list: readonly number[], n: number): number[] {
  const out: number[] = [];
  for (let tries = 0; out.length < Math.min(n, list.length) && tries < 8 * n; tries++) {
    const host = list[Math.floor(list.length * random.unit() ** 2)];
    if (host !== undefined && !out.includes(host)) out.push(host);
  }
  return out;
}

/** Organisations that trust `org`, in order. */
export function partnersOf(world: World, org: number): number[] {
  const out = world.trust.flatMap(([a, b]) => (a === org ? [b] : b === org ? [a] : []));
  return out.toSorted((a, b) => a - b);
}
