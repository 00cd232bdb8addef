/**
 * The twin of an organisation's own slice: hosts, accounts, who authenticated where, and what talked to what, kept in step
 * event by event. Memory grows with the number of distinct hosts, accounts and pairs, never with the number of events,
 * and never beyond the limits. README.md of this folder says what is promised.
 */
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { applyEvent } from './apply-event.ts';
import { ChangeFeed, type ChangePage } from './change-feed.ts';
import { TwinRoles } from './roles.ts';
import { decodeTwin, encodeTwin } from './snapshot.ts';
import { DEFAULT_TWIN_LIMITS, type TwinLimits, TwinState } from './twin-state.ts';
import {
  accountView,
  hostView,
  type TwinAccount,
  type TwinConnection,
  type TwinHost,
  type TwinUse,
  connectionsView,
  useView,
} from './views.ts';

/** Counts of a twin at one moment. */
export interface TwinSizes {
  readonly hosts: number;
  readonly accounts: number;
  readonly accountEdges: number;
  readonly hostEdges: number;
  /** Pairs of hosts and class of service over the network. */
  readonly networkEdges: number;
  /** Events applied, and those among them that asked for access and so are in the edges. */
  readonly events: number;
  readonly authentications: number;
  /** Times of the first and last event in milliseconds, null while there is none. */
  readonly first: number | null;
  readonly last: number | null;
  /** What had to go because a limit was reached. */
  readonly forgotten: Forgotten;
}

/** Nodes and edges forgotten so far; `others` are hosts and accounts that were never our own (see README). */
export interface Forgotten {
  readonly hosts: number;
  readonly accounts: number;
  readonly others: number;
  readonly edges: number;
}

export interface TwinOptions {
  readonly limits?: TwinLimits;
  /** Changes that the feed keeps; 0 for none. Default 65,536. */
  readonly changes?: number;
}

const CHANGES = 65_536;

/** The twin of one organisation: events in, counts, views, changes, snapshots out. */
export class TwinGraph {
  /** For the modules of this folder: the rows themselves. Only `apply` writes them. */
  readonly state: TwinState;
  /** Roles as the feed last told them, hosts and accounts. */
  #told: ReadonlyMap<string, string>[] | null = null;

  /** @param state of a snapshot, where the twin goes on from one */
  constructor(options: TwinOptions = {}, state?: TwinState) {
    this.state = state ?? new TwinState(options.limits ?? DEFAULT_TWIN_LIMITS, null);
    const changes = options.changes ?? CHANGES;
    if (changes > 0) this.state.feed = new ChangeFeed(changes, this.state.events);
  }

  /**
   * The twin that `snapshot` gave the bytes of, with its limits; its feed begins where it stands.
   * @throws CordonError ENCODING_INVALID where the bytes are damaged or of another version
   */
  static restore(bytes: Uint8Array, options: Omit<TwinOptions, 'limits'> = {}): TwinGraph {
    return new TwinGraph(options, decodeTwin(bytes));
  }

  /** All but the feed as bytes: the same ones for the same events in any order, as long as nothing was forgotten. */
  snapshot(): Uint8Array {
    return encodeTwin(this.state);
  }

  /** Takes an event in, in any order of time. Hosts and accounts without a name are left out. */
  apply(event: CanonicalEvent): void {
    applyEvent(this.state, event);
  }

  /** What the twin holds now; constant time. */
  sizes(): TwinSizes {
    const { hosts, accounts, accountEdges, hostEdges, networkEdges, events, authentications, first, last } =
      this.state;
    return {
      hosts: hosts.size,
      accounts: accounts.size,
      accountEdges: accountEdges.size,
      hostEdges: hostEdges.size,
      networkEdges: networkEdges.size,
      events,
      authentications,
      first: events > 0 ? first : null,
      last: events > 0 ? last : null,
      forgotten: {
        hosts: hosts.forgottenOwn,
        accounts: accounts.forgottenOwn,
        others: hosts.forgottenOthers + accounts.forgottenOthers,
        edges: accountEdges.forgotten + hostEdges.forgotten + networkEdges.forgotten,
      },
    };
  }

  /** A host by its name as events have it, or null. */
  host(name: string): TwinHost | null {
    const number = this.state.hosts.find(name);
    return number < 0 ? null : hostView(this.state, number);
  }

  /** An account (`name@domain`), or null. */
  account(name: string): TwinAccount | null {
    const number = this.state.accounts.find(name);
    return number < 0 ? null : accountView(this.state, number);
  }

  /** How an account was used at a host, or null. */
  accountAt(account: string, host: string): TwinUse | null {
    const { accounts, hosts, accountEdges } = this.state;
    const row = accountEdges.find(accounts.find(account), hosts.find(host));
    return row < 0 ? null : useView('account-host', accountEdges, row);
  }

  /** How a host authenticated to another one, or null. */
  hostTo(source: string, destination: string): TwinUse | null {
    const { hosts, hostEdges } = this.state;
    const row = hostEdges.find(hosts.find(source), hosts.find(destination));
    return row < 0 ? null : useView('host-host', hostEdges, row);
  }

  /** How a host reached another one over the network, one entry for each class of service. */
  connections(source: string, destination: string): TwinConnection[] {
    const { hosts } = this.state;
    return connectionsView(this.state, hosts.find(source), hosts.find(destination));
  }

  /** Roles of hosts and accounts with the evidence for each, of the twin as it is now. Reads every edge once. */
  roles(): TwinRoles {
    return new TwinRoles(this.state);
  }

  /**
   * Tells the feed whose role is another than at the call before (the first call tells nothing). For the owner to call
   * now and then: it costs as much as reading all roles.
   */
  tellRoles(): void {
    const { feed, events, last } = this.state;
    if (feed === null) return;
    const roles = this.roles();
    const now = [roles.hosts(), roles.accounts()].map(
      (list): ReadonlyMap<string, string> => new Map(list.map(({ name, role }) => [name, role])),
    );
    now.forEach((list, i) => {
      for (const [name, to] of list) {
        const from = this.#told?.[i]?.get(name);
        if (from === undefined || from === to) continue;
        feed.push({
          at: events + 0.5,
          time: last,
          kind: 'role',
          of: i === 0 ? 'host' : 'account',
          name,
          from,
          to,
        });
      }
    });
    this.#told = now;
  }

  /**
   * What is new since a cursor (`next` of the page before; 0 for all that is kept): hosts, accounts, edges, edges that
   * come back after 30 days, roles that became others. Pages of about `limit` changes.
   */
  changes(cursor: number, limit = 1000): ChangePage {
    const { feed, events } = this.state;
    return feed?.since(cursor, events, limit) ?? { changes: [], next: events, missed: true, dropped: 0 };
  }
}
