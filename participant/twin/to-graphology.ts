import { MultiDirectedGraph } from 'graphology';
import { FROM, nodeOf, TO } from './edge-store.ts';
import type { TwinState } from './twin-state.ts';
import {
  accountView,
  connectionView,
  hostView,
  type TwinAccount,
  type TwinConnection,
  type TwinHost,
  type TwinUse,
  useView,
} from './views.ts';

/**
 * A copy of the twin as a graph of graphology, for its algorithms. Keys of nodes are `host:NAME` and `account:NAME`, in
 * order of names; several edges lie between two hosts where they did several things. It takes about three times the memory
 * of the twin and does not follow it.
 */
export function toGraphology(
  twin: TwinState,
): MultiDirectedGraph<TwinHost | TwinAccount, TwinUse | TwinConnection> {
  const graph = new MultiDirectedGraph<TwinHost | TwinAccount, TwinUse | TwinConnection>();
  const { hosts, accounts, accountEdges, hostEdges, networkEdges } = twin;
  const host = (number: number): string => `host:${hosts.name(number)}`;
  const account = (number: number): string => `account:${accounts.name(number)}`;
  for (const number of hosts.sorted()) graph.addNode(host(number), hostView(twin, number));
  for (const number of accounts.sorted()) graph.addNode(account(number), accountView(twin, number));
  for (let row = 0; row < accountEdges.size; row++) {
    const { records } = accountEdges;
    const view = useView('account-host', accountEdges, row);
    graph.addEdge(account(records.get(row, FROM)), host(records.get(row, TO)), view);
  }
  for (let row = 0; row < hostEdges.size; row++) {
    const { records } = hostEdges;
    const view = useView('host-host', hostEdges, row);
    graph.addEdge(host(records.get(row, FROM)), host(records.get(row, TO)), view);
  }
  for (let row = 0; row < networkEdges.size; row++) {
    const { records } = networkEdges;
    const to = records.get(row, TO);
    graph.addEdge(host(records.get(row, FROM)), host(nodeOf(to)), connectionView(networkEdges, row, to));
  }
  return graph;
}
