import type { AccountRole } from './account-roles.ts';
import { USE } from './columns.ts';
import { orderedEdges } from './edge-order.ts';
import { FROM, TO, type EdgeStore } from './edge-store.ts';
import type { HostRole } from './host-roles.ts';
import { EVENTS, type NodeStore } from './node-store.ts';
import type { Judged } from './roles.ts';
import type { TwinGraph, TwinSizes } from './twin-graph.ts';
import { type TwinAccount, type TwinHost, type TwinUse, useView } from './views.ts';

/** Rows of each list of an overview. */
const ROWS = 10;
/** Neighbours of a host or account that are shown, the busiest. */
const NEIGHBOURS = 50;

export interface Overview {
  readonly sizes: TwinSizes;
  /** How many hosts and accounts have each role. */
  readonly hostRoles: Readonly<Record<string, number>>;
  readonly accountRoles: Readonly<Record<string, number>>;
  readonly busiest: readonly (TwinHost & Judged<HostRole>)[];
  /** Hosts and pairs of hosts that were seen first most lately. */
  readonly newestHosts: readonly (TwinHost & Judged<HostRole>)[];
  readonly newestEdges: readonly Neighbour[];
}

/** An edge with its ends. */
export interface Neighbour extends TwinUse {
  readonly from: string;
  readonly to: string;
}

export interface Details<Node, Role> {
  readonly node: Node & Judged<Role>;
  /** Accounts used at the host, or hosts that the account was used at. */
  readonly uses: readonly Neighbour[];
  /** Hosts that came to the host, and that it went to; empty for an account. */
  readonly from: readonly Neighbour[];
  readonly to: readonly Neighbour[];
}

/** What stands out in a twin. */
export function overview(twin: TwinGraph): Overview {
  const { hosts, hostEdges } = twin.state;
  const roles = twin.roles();
  const host = (number: number): (TwinHost & Judged<HostRole>)[] => {
    const name = hosts.name(number);
    const [view, role] = [twin.host(name), roles.host(name)];
    return view === null || role === null ? [] : [{ ...view, ...role }];
  };
  const order = hosts.sorted();
  const edges = orderedEdges(hostEdges, order, order).rows;
  const newest = most(edges, (row) => hostEdges.records.first(row), ROWS);
  return {
    sizes: twin.sizes(),
    hostRoles: tally(roles.hosts()),
    accountRoles: tally(roles.accounts()),
    busiest: most(order, (number) => hosts.records.get(number, EVENTS), ROWS).flatMap(host),
    newestHosts: most(order, (number) => hosts.records.first(number), ROWS).flatMap(host),
    newestEdges: newest.map((row) => neighbour('host-host', hosts, hosts, hostEdges, row)),
  };
}

/** A host with its busiest neighbours; null where there is none of the name. */
export function hostDetails(twin: TwinGraph, name: string): Details<TwinHost, HostRole> | null {
  const { hosts, accounts, accountEdges, hostEdges } = twin.state;
  const [view, role] = [twin.host(name), twin.roles().host(name)];
  if (view === null || role === null) return null;
  const number = hosts.find(name);
  return {
    node: { ...view, ...role },
    uses: at(accountEdges, TO, number, accounts).map((row) =>
      neighbour('account-host', accounts, hosts, accountEdges, row),
    ),
    from: at(hostEdges, TO, number, hosts).map((row) => neighbour('host-host', hosts, hosts, hostEdges, row)),
    to: at(hostEdges, FROM, number, hosts).map((row) => neighbour('host-host', hosts, hosts, hostEdges, row)),
  };
}

/** An account with the hosts where it was used most; null where there is none of the name. */
export function accountDetails(twin: TwinGraph, name: string): Details<TwinAccount, AccountRole> | null {
  const { hosts, accounts, accountEdges } = twin.state;
  const [view, role] = [twin.account(name), twin.roles().account(name)];
  if (view === null || role === null) return null;
  const rows = at(accountEdges, FROM, accounts.find(name), hosts);
  const uses = rows.map((row) => neighbour('account-host', accounts, hosts, accountEdges, row));
  return { node: { ...view, ...role }, uses, from: [], to: [] };
}

function tally(judged: readonly Judged<string>[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { role } of judged) counts.set(role, (counts.get(role) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)));
}

/** Those with the largest values, largest first; of equals the first ones. */
function most(list: Uint32Array, value: (one: number) => number, count: number): number[] {
  const values = Float64Array.from(list, value);
  const places = Uint32Array.from(list, (_, place) => place);
  places.sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
  return Array.from(places.subarray(0, count), (place) => list[place] ?? 0);
}

/** The busiest edges with a node at one end. */
function at(edges: EdgeStore, end: typeof FROM | typeof TO, node: number, names: NodeStore): number[] {
  const { records } = edges;
  const other = end === FROM ? TO : FROM;
  const own: number[] = [];
  for (let row = 0; row < edges.size; row++) if (records.get(row, end) === node) own.push(row);
  own.sort((a, b) => (names.name(records.get(a, other)) < names.name(records.get(b, other)) ? -1 : 1));
  return most(Uint32Array.from(own), (row) => records.get(row, USE.events), NEIGHBOURS);
}

function neighbour(
  kind: TwinUse['kind'],
  sources: NodeStore,
  targets: NodeStore,
  edges: EdgeStore,
  row: number,
): Neighbour {
  const { records } = edges;
  return {
    from: sources.name(records.get(row, FROM)),
    to: targets.name(records.get(row, TO)),
    ...useView(kind, edges, row),
  };
}
