import { isAutomatic } from '../features/event-kind.ts';
import type { ChangeFeed, EdgeName } from './change-feed.ts';
import { ACCOUNT, HOST, NETWORK, USE } from './columns.ts';
import { EdgeStore, nodeOf, withClass } from './edge-store.ts';
import { ImageCounts } from './image-counts.ts';
import { EVENTS, FLAGS, MACHINE, NodeStore, SYSTEM } from './node-store.ts';
import type { Records } from './records.ts';
import { SERVICE_CLASSES } from './service-class.ts';

export const DAY_MS = 86_400_000;

/** An edge that was not seen for this long and comes back is a change. */
const AGAIN_MS = 30 * DAY_MS;

/** Most that a twin holds at once; beyond it the least recently seen are forgotten, and counted. */
export interface TwinLimits {
  readonly hosts: number;
  readonly accounts: number;
  /** Accounts at hosts. */
  readonly accountEdges: number;
  /** Hosts to hosts by authentication. */
  readonly hostEdges: number;
  /** Hosts to hosts over the network, by class of service. */
  readonly networkEdges: number;
  /** Images of all hosts together. */
  readonly images: number;
}

/** Enough for an organisation of 200,000 hosts; README says what they take in memory. */
export const DEFAULT_TWIN_LIMITS: TwinLimits = {
  hosts: 300_000,
  accounts: 500_000,
  accountEdges: 4_000_000,
  hostEdges: 2_000_000,
  networkEdges: 2_000_000,
  images: 1_000_000,
};

/** Largest limits: a snapshot must be one file that can be read at once. */
export const MOST_TWIN_LIMITS: TwinLimits = {
  hosts: 4_000_000,
  accounts: 4_000_000,
  accountEdges: 16_000_000,
  hostEdges: 16_000_000,
  networkEdges: 16_000_000,
  images: 4_000_000,
};

/** What a twin is made of: numbered names and rows. `apply-event.ts` writes it, everything else reads it. */
export class TwinState {
  readonly limits: TwinLimits;
  readonly hosts: NodeStore;
  readonly accounts: NodeStore;
  readonly accountEdges: EdgeStore;
  readonly hostEdges: EdgeStore;
  readonly networkEdges: EdgeStore;
  readonly images: ImageCounts;
  /** Null where nobody wants to hear of changes. */
  feed: ChangeFeed | null;
  /** Events applied, by what they were: auth, process, flow, dns, detection. */
  readonly counts: Float64Array = new Float64Array(5);
  /** Authentications that ask for access, and so are in the edges. */
  authentications = 0;
  first = Infinity;
  last = -Infinity;

  constructor(limits: TwinLimits, feed: ChangeFeed | null) {
    this.limits = limits;
    this.feed = feed;
    this.hosts = new NodeStore(HOST.width, limits.hosts);
    this.accounts = new NodeStore(ACCOUNT.width, limits.accounts);
    this.accountEdges = new EdgeStore(USE.width, limits.accountEdges, succeeded);
    this.hostEdges = new EdgeStore(USE.width, limits.hostEdges, succeeded);
    this.networkEdges = new EdgeStore(NETWORK.width, limits.networkEdges, () => true);
    this.images = new ImageCounts(limits.images);
  }

  /** Counts an event; `type` is its place in `counts`. */
  tally(type: number): void {
    this.counts[type] = (this.counts[type] ?? 0) + 1;
  }

  get events(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** Forgets nodes where there is no room for an event's; before the event, so that none of its own can go. */
  makeRoom(): void {
    if (this.hosts.full) {
      const gone = this.hosts.makeRoom();
      this.accountEdges.dropNodes(null, gone);
      this.hostEdges.dropNodes(gone, gone);
      this.networkEdges.dropNodes(gone, gone);
      gone.forEach((is, host) => is === 1 && this.images.dropHost(host));
    }
    if (this.accounts.full) this.accountEdges.dropNodes(this.accounts.makeRoom(), null);
  }

  /** Counts an event for a host, new where it is unknown; -1 where it has no name. */
  host(name: string, time: number): number {
    if (name === '') return -1;
    let number = this.hosts.find(name);
    if (number < 0) {
      number = this.hosts.add(name);
      this.#changed('host', name, time);
    }
    this.hosts.records.see(number, time);
    this.hosts.records.count(number, EVENTS);
    return number;
  }

  /** The same for an account. */
  account(name: string, time: number): number {
    if (name === '') return -1;
    let number = this.accounts.find(name);
    if (number < 0) {
      number = this.accounts.add(name);
      if (isAutomatic(name)) this.accounts.records.mark(number, FLAGS, isMachine(name) ? MACHINE : SYSTEM);
      this.#changed('account', name, time);
    }
    this.accounts.records.see(number, time);
    this.accounts.records.count(number, EVENTS);
    return number;
  }

  /** Row of an account at a host, with the time seen. */
  accountAt(account: number, host: number, time: number): number {
    return this.#row(this.accountEdges, account, host, 'account-host', time);
  }

  /** Row of a host to a host by authentication, with the time seen. */
  hostTo(source: number, destination: number, time: number): number {
    return this.#row(this.hostEdges, source, destination, 'host-host', time);
  }

  /** Row of a host to a host over the network, with the time seen. @param kind place in SERVICE_CLASSES */
  connection(source: number, destination: number, kind: number, time: number): number {
    const name = SERVICE_CLASSES[kind] ?? 'other';
    return this.#row(this.networkEdges, source, withClass(destination, kind), name, time);
  }

  #row(edges: EdgeStore, from: number, to: number, edge: EdgeName, time: number): number {
    const known = edges.find(from, to);
    const row = known < 0 ? edges.add(from, to) : known;
    const idle = known < 0 ? Infinity : time - edges.records.last(row);
    edges.records.see(row, time);
    if (idle > AGAIN_MS && this.feed !== null) {
      const source = edges === this.accountEdges ? this.accounts : this.hosts;
      const afterDays = known < 0 ? null : Math.floor(idle / DAY_MS);
      const ends = { from: source.name(from), to: this.hosts.name(nodeOf(to)) };
      this.feed.push({ at: this.events, time, kind: 'edge', edge, ...ends, afterDays });
    }
    return row;
  }

  #changed(kind: 'host' | 'account', name: string, time: number): void {
    this.feed?.push({ at: this.events, time, kind, name });
  }
}

/** Whether the name of an account ends in $. */
function isMachine(account: string): boolean {
  const at = account.indexOf('@');
  return account.charCodeAt((at < 0 ? account.length : at) - 1) === 36;
}

/** An edge over which something was let in, or done, outlasts one of failures alone. */
function succeeded({ u32, width }: Records, row: number): boolean {
  const at = row * width;
  return (u32[at + USE.events] ?? 0) > (u32[at + USE.failures] ?? 0) || (u32[at + USE.marks] ?? 0) > 0;
}
