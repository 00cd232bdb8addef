import { MultiDirectedGraph } from 'graphology';
import { orderedEdges } from './edge-order.ts';
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
  const hostOrder = hosts.sorted();
  const accountOrder = accounts.sorted();
  for (const number of hostOrder) graph.addNode(host(number), hostView(twin, number));
  for (const number of accountOrder) graph.addNode(account(number), accountView(twin, number));
  for (const row of orderedEdges(accountEdges, accountOrder, hostOrder).rows) {
    const { records } = accountEdges;
    const view = useView('account-host', accountEdges, row);
    graph.addEdge(account(records.get(row, FROM)), host(records.get(row, TO)), view);
  }
  for (const row of orderedEdges(hostEdges, hostOrder, hostOrder).rows) {
    const { records } = hostEdges;
    const view = useView('host-host', hostEdges, row);
    graph.addEdge(host(records.get(row, FROM)), host(records.get(row, TO)), view);
  }
  for (const row of orderedEdges(networkEdges, hostOrder, hostOrder).rows) {
    const { records } = networkEdges;
    const to = records.get(row, TO);
    const view = connectionView(networkEdges, row, to);
    graph.addEdge(host(records.get(row, FROM)), host(nodeOf(to)), view);
  }
  return graph;
}
