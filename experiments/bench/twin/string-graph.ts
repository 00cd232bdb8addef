import { DirectedGraph } from 'graphology';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';

interface Seen {
  first: number;
  last: number;
  events: number;
  failures: number;
}

/** What the twin is compared with: the same hosts, accounts and edges kept in graphology, keys as strings. */
export class StringGraph {
  readonly #graph = new DirectedGraph<Seen, Seen>();

  get edges(): number {
    return this.#graph.size;
  }

  apply({ time, srcHost, dstHost, dstAccount, success }: AuthEvent): void {
    const source = this.#node(`host:${srcHost}`, time);
    const destination = srcHost === dstHost ? source : this.#node(`host:${dstHost}`, time);
    this.#edge(this.#node(`account:${dstAccount}`, time), destination, time, success);
    if (source !== destination) this.#edge(source, destination, time, success);
  }

  #node(key: string, time: number): string {
    if (this.#graph.hasNode(key)) see(this.#graph.getNodeAttributes(key), time, true);
    else this.#graph.addNode(key, { first: time, last: time, events: 1, failures: 0 });
    return key;
  }

  #edge(from: string, to: string, time: number, success: boolean): void {
    if (this.#graph.hasEdge(from, to)) see(this.#graph.getEdgeAttributes(from, to), time, success);
    else this.#graph.addEdge(from, to, { first: time, last: time, events: 1, failures: success ? 0 : 1 });
  }
}

function see(seen: Seen, time: number, success: boolean): void {
  if (time < seen.first) seen.first = time;
  if (time > seen.last) seen.last = time;
  seen.events++;
  if (!success) seen.failures++;
}
