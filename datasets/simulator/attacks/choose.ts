import type { Random } from '../random.ts';
import type { AccountGroup, HostGroup, Move } from '../scenario/move-schema.ts';
import type { Organisation, World } from '../world/world.ts';

/** A name drawn by its weight; the names stand in the order of `names`, whatever order the file had. */
export function drawName<N extends string>(
  random: Random,
  names: readonly N[],
  weights: { readonly [K in N]?: number },
): N | undefined {
  const total = names.reduce((sum, name) => sum + (weights[name] ?? 0), 0);
  let left = random.unit() * total;
  for (const name of names) {
    left -= weights[name] ?? 0;
    if (left < 0) return name;
  }
  return names.findLast((name) => (weights[name] ?? 0) > 0);
}

/** An item drawn by its weight, 1 where it has none. */
export function drawWeighted<T extends { weight?: number }>(random: Random, items: readonly T[]): T {
  const total = items.reduce((sum, { weight = 1 }) => sum + weight, 0);
  let left = random.unit() * total;
  for (const item of items) {
    left -= item.weight ?? 1;
    if (left < 0) return item;
  }
  return random.pick(items.filter(({ weight = 1 }) => weight > 0));
}

/** All hosts of a group; where an organisation has none of a role, its servers. */
export function hostsOf(org: Organisation, group: HostGroup): readonly number[] {
  if (group === 'host') return org.hosts;
  if (group === 'server') return org.servers;
  const hosts = org.byRole[group];
  return hosts.length > 0 ? hosts : org.servers;
}

/** The hosts that a move looks at, group by group, none twice. */
export function poolOf(
  org: Organisation,
  random: Random,
  groups: readonly HostGroup[],
  targets: Move['targets'],
): number[] {
  const pool = new Set<number>();
  for (const group of groups) {
    const count = targets[group] ?? 0;
    if (count > 0) for (const host of random.sample(hostsOf(org, group), count)) pool.add(host);
  }
  return [...pool];
}

/** The account that is stolen at a foothold. */
export function accountOf(
  world: World,
  org: Organisation,
  random: Random,
  group: AccountGroup,
  foothold: number,
): number {
  switch (group) {
    case 'user':
      return random.pick(org.users).account;
    case 'admin':
      return random.pick(org.admins).account;
    case 'helpdesk':
      return random.pick(org.helpdesk).account;
    case 'service':
      return random.pick(org.services).account;
    case 'partner':
      return random.pick(org.partners).account;
    case 'backup':
      return org.backup;
    case 'managed':
      return world.managedAccount;
    case 'machine':
      return world.machineAccount[foothold] ?? 0;
    case 'own':
      return (org.users.find(({ home }) => home === foothold) ?? random.pick(org.users)).account;
  }
}

/** The desk of an account's owner; null for accounts that have none. */
export function homeOf(org: Organisation, account: number): number | null {
  const people = [org.users, org.admins, org.helpdesk];
  for (const list of people) {
    const owner = list.find((user) => user.account === account);
    if (owner) return owner.home;
  }
  return null;
}
