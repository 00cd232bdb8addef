import type { CheckedOptions } from '../options.ts';
import { Random } from '../random.ts';
import { Names } from './names.ts';
import { roleOf, tiersOf } from './roles.ts';
import { oneLarge, shareOut, usualSpread } from './sizes.ts';
import { trustLinks } from './trust.ts';
import type { Organisation, Role, User, World } from './world.ts';

const NAMES = ['port', 'rail', 'customs', 'depot', 'broker', 'carrier', 'bank', 'grid', 'clinic', 'telecom'];

/** Share of an organisation's people who have a portal; those of the others is another's work. */
const WITH_PORTAL = 0.35;
const WITH_SERVER = 0.15;

/** Names hosts and accounts, gives servers their roles and people their desks and servers. */
export function buildWorld(options: CheckedOptions): World {
  const { seed, orgs } = options;
  const random = new Random(seed, 'world');
  const names = new Names();
  const { largest, spread } = options.setting.world;
  const sizesOf = (total: number): number[] =>
    largest === null
      ? shareOut(total, orgs, spread ?? usualSpread(options.hosts, orgs))
      : oneLarge(total, orgs, largest);
  const userSizes = sizesOf(options.accounts);
  const organisations = sizesOf(options.hosts).map((size, index) =>
    buildOrganisation(names, random, index, size, userSizes[index] ?? 20),
  );
  const managedAccount = names.person('DOM1');
  const trust = trustLinks(random, orgs, options.setting.world.trust);
  return { organisations, ...names.lists, trust, provider: 0, managedAccount };
}

function buildOrganisation(
  names: Names,
  random: Random,
  index: number,
  size: number,
  people: number,
): Organisation {
  const domain = `DOM${index + 1}`;
  const tiers = tiersOf(size);
  const hosts: number[] = [];
  const byRole = noHosts();
  for (let i = 0; i < size; i++) {
    const role = roleOf(i, tiers);
    const host = names.host(index, role, domain);
    hosts.push(host);
    byRole[role].push(host);
  }
  const { workstation: workstations, app, db, file, web, portal, exchange } = byRole;
  // A pool of addresses for those who work from elsewhere, and a gateway.
  const addresses = Math.max(2, Math.round(workstations.length * 0.02));
  for (let i = 0; i <= addresses; i++) byRole.address.push(names.source(index, 'address'));
  const servers = hosts.slice(tiers.controllers, tiers.servers);
  const work = [...app, ...file, ...db, ...web];

  const person = (home: number, portals: number | null, own: readonly number[], activity: number): User => ({
    account: names.person(domain),
    home,
    portal: portals,
    servers: own,
    shift: random.normal(),
    activity,
  });
  const users = Array.from({ length: people }, (_, i) => {
    const home = workstations[i % workstations.length] ?? 0;
    // Beyond the first at each desk people are rarely there; a third of LANL's accounts has nearly all logons.
    const regular = i < workstations.length;
    const activity = Math.exp(random.normal() * 0.5) * (regular ? 1 : 0.05);
    const team = Math.floor(i / 12);
    return person(
      home,
      regular && random.chance(WITH_PORTAL) ? (portal[team % portal.length] ?? null) : null,
      regular && random.chance(WITH_SERVER) ? [work[team % work.length] ?? home] : [],
      activity,
    );
  });
  const staff = (count: number, most: number, activity: number): User[] =>
    Array.from({ length: Math.max(1, Math.round(count)) }, () =>
      person(
        random.pick(workstations),
        portal[0] ?? null,
        random.sample(work, most),
        activity * (1 + random.unit()),
      ),
    );
  const admins = staff(size / 90, 8, 4);
  const helpdesk = staff(size / 150, 1, 3);
  const fronts = [...app, ...web, ...exchange];
  const stores = [...db, ...file, ...app];
  const services = Array.from({ length: Math.max(3, Math.round(servers.length * 0.7)) }, () => {
    const from = random.pick(fronts);
    const to = random.sample(stores, 1 + random.below(2)).filter((host) => host !== from);
    return { account: names.person(domain), from, to };
  });
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
    backup: names.person(domain),
    scanner: names.person(domain),
    partners: random.sample(users, Math.max(2, Math.min(60, Math.round(users.length * 0.03)))),
    gateway: index % 2 === 1 ? (byRole.address[0] ?? null) : null,
  };
}

function noHosts(): Record<Role, number[]> {
  return {
    workstation: [],
    dc: [],
    hub: [],
    portal: [],
    file: [],
    app: [],
    db: [],
    web: [],
    terminal: [],
    backup: [],
    scanner: [],
    exchange: [],
    jump: [],
    address: [],
  };
}
