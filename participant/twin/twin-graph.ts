/**
 * The twin of an organisation's own slice: hosts, accounts and who authenticated where, kept in step event by event.
 * Memory grows only with the number of distinct hosts, accounts and pairs, never with the number of events.
 */
import { DirectedGraph } from 'graphology';
import type { AuthEvent, AuthProtocol } from '../../protocol/events/canonical.ts';
import { isAutomatic, isScored, usedAccount } from '../features/event-kind.ts';

/** A host or an account. */
export interface TwinNode {
  readonly kind: 'host' | 'account';
  readonly name: string;
  /** Milliseconds, as events have it. */
  first: number;
  last: number;
  /** Events that this node took part in. */
  events: number;
  /** Account of a machine or of the operating system. */
  readonly automatic: boolean;
}

/** All authentications between two nodes. */
export interface TwinEdge {
  /** Account used at host, or source host -> destination host. */
  readonly kind: 'account-host' | 'host-host';
  first: number;
  last: number;
  events: number;
  failures: number;
  readonly protocols: Partial<Record<AuthProtocol, number>>;
}

/** Counts of a twin at one moment. */
export interface TwinSizes {
  readonly hosts: number;
  readonly accounts: number;
  readonly accountEdges: number;
  readonly hostEdges: number;
  /** Events applied, and those among them that asked for access and so are in the edges. */
  readonly events: number;
  readonly authentications: number;
  /** Times of the first and last event in milliseconds, null while there is none. */
  readonly first: number | null;
  readonly last: number | null;
}

/** `graph` is for reading; only `apply` changes it. Keys of nodes are `host:NAME` and `account:NAME`. */
export class TwinGraph {
  readonly graph: DirectedGraph<TwinNode, TwinEdge> = new DirectedGraph<TwinNode, TwinEdge>();
  #hosts = 0;
  #accountEdges = 0;
  #events = 0;
  #authentications = 0;
  #first = Infinity;
  #last = -Infinity;

  /** Takes an event in, in any order of time. Hosts and accounts without a name are left out. */
  apply(event: AuthEvent): void {
    this.#events++;
    this.#first = Math.min(this.#first, event.time);
    this.#last = Math.max(this.#last, event.time);
    const source = this.#node('host', event.srcHost, event.time);
    const destination =
      event.dstHost === event.srcHost ? source : this.#node('host', event.dstHost, event.time);
    const name = usedAccount(event);
    const account = this.#node('account', name, event.time);
    if (event.srcAccount !== name) this.#node('account', event.srcAccount, event.time);
    if (!isScored(event)) return;
    this.#authentications++;
    if (account !== null && destination !== null) this.#edge('account-host', account, destination, event);
    if (source !== null && destination !== null && source !== destination) {
      this.#edge('host-host', source, destination, event);
    }
  }

  /** What the twin holds now; constant time. */
  sizes(): TwinSizes {
    return {
      hosts: this.#hosts,
      accounts: this.graph.order - this.#hosts,
      accountEdges: this.#accountEdges,
      hostEdges: this.graph.size - this.#accountEdges,
      events: this.#events,
      authentications: this.#authentications,
      first: this.#events > 0 ? this.#first : null,
      last: this.#events > 0 ? this.#last : null,
    };
  }

  /** A host by its name as events have it, or null. */
  host(name: string): Readonly<TwinNode> | null {
    return this.#attributes(`host:${name}`);
  }

  /** An account (`name@domain`), or null. */
  account(name: string): Readonly<TwinNode> | null {
    return this.#attributes(`account:${name}`);
  }

  /** How an account was used at a host, or null. */
  accountAt(account: string, host: string): Readonly<TwinEdge> | null {
    return this.#between(`account:${account}`, `host:${host}`);
  }

  /** How a host reached another one, or null. */
  hostTo(source: string, destination: string): Readonly<TwinEdge> | null {
    return this.#between(`host:${source}`, `host:${destination}`);
  }

  #attributes(key: string): TwinNode | null {
    return this.graph.hasNode(key) ? this.graph.getNodeAttributes(key) : null;
  }

  #between(from: string, to: string): TwinEdge | null {
    return this.graph.hasEdge(from, to) ? this.graph.getEdgeAttributes(from, to) : null;
  }

  #node(kind: TwinNode['kind'], name: string, time: number): string | null {
    if (name === '') return null;
    const key = `${kind}:${name}`;
    const known = this.#attributes(key);
    if (known === null) {
      const automatic = kind === 'account' && isAutomatic(name);
      this.graph.addNode(key, { kind, name, first: time, last: time, events: 1, automatic });
      if (kind === 'host') this.#hosts++;
    } else {
      known.first = Math.min(known.first, time);
      known.last = Math.max(known.last, time);
      known.events++;
    }
    return key;
  }

  #edge(kind: TwinEdge['kind'], from: string, to: string, { time, success, protocol }: AuthEvent): void {
    const known = this.#between(from, to);
    if (known === null) {
      const failures = success ? 0 : 1;
      this.graph.addEdge(from, to, {
        kind,
        first: time,
        last: time,
        events: 1,
        failures,
        protocols: { [protocol]: 1 },
      });
      if (kind === 'account-host') this.#accountEdges++;
      return;
    }
    known.first = Math.min(known.first, time);
    known.last = Math.max(known.last, time);
    known.events++;
    if (!success) known.failures++;
    known.protocols[protocol] = (known.protocols[protocol] ?? 0) + 1;
  }
}
