/**
 * What a host is for. Controllers and hubs (mail, the main file share) are the core that receives four fifths of all
 * remote logons, portals the second tier with a tenth; `address` is no host but a name that logons come from.
 */
export type Role =
  | 'workstation'
  | 'dc'
  | 'hub'
  | 'portal'
  | 'file'
  | 'app'
  | 'db'
  | 'web'
  | 'terminal'
  | 'backup'
  | 'scanner'
  | 'exchange'
  | 'jump'
  | 'address';

/** A person with an account and a desk; account, home and servers are numbers in the world's lists. */
export interface User {
  readonly account: number;
  readonly home: number;
  /** The portal of the daily work; null for those who need none. */
  readonly portal: number | null;
  /** Servers of the team or, for administrators, those under their care, most used first. */
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
  /** Every server but the controllers. */
  readonly servers: readonly number[];
  readonly byRole: Readonly<Record<Role, readonly number[]>>;
  readonly users: readonly User[];
  /** Domain administrators: accounts of their own, used from their workstations on every server. */
  readonly admins: readonly User[];
  readonly helpdesk: readonly User[];
  readonly services: readonly Service[];
  readonly backup: number;
  readonly scanner: number;
  /** People of this organisation who also work in the networks of partners. */
  readonly partners: readonly User[];
  /** The name behind which its people appear at partners; null where they appear with their own hosts' names. */
  readonly gateway: number | null;
}

/** Everything that stays the same during a simulation. Hosts and accounts are numbers into the name lists. */
export interface World {
  readonly organisations: readonly Organisation[];
  /** Hosts, and names that logons come from and that are no hosts. */
  readonly hostNames: readonly string[];
  readonly hostOwner: readonly number[];
  readonly hostRole: readonly Role[];
  readonly accountNames: readonly string[];
  /** Machine account of each host; -1 for what is no host. */
  readonly machineAccount: readonly number[];
  /** The SYSTEM account of each host; -1 for what is no host. */
  readonly systemAccount: readonly number[];
  /** The account of null sessions on each host of the core; -1 elsewhere. */
  readonly anonymousAccount: readonly number[];
  /** Pairs of organisations whose networks trust each other. */
  readonly trust: readonly (readonly [number, number])[];
  /** The organisation that runs servers of its trust partners as a managed service. */
  readonly provider: number;
  /** Account of the managed service; its host is the provider's jump host. */
  readonly managedAccount: number;
}

/** Organisations that trust `org`, in order. */
export function partnersOf(world: Pick<World, 'trust'>, org: number): number[] {
  const out = world.trust.flatMap(([a, b]) => (a === org ? [b] : b === org ? [a] : []));
  return out.toSorted((a, b) => a - b);
}
