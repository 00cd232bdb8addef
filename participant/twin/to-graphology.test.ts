import { expect, test } from 'vitest';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { toGraphology } from './to-graphology.ts';
import { TwinGraph } from './twin-graph.ts';

test('the graph of graphology has every node and edge of the twin, with the same attributes', () => {
  const { events } = syntheticSite({ seed: 2, people: 8, servers: 3, days: 2, campaigns: 1 });
  const twin = new TwinGraph();
  for (const event of events) twin.apply(event);
  const graph = toGraphology(twin.state);
  const { hosts, accounts, accountEdges, hostEdges } = twin.sizes();
  expect([graph.order, graph.size]).toEqual([hosts + accounts, accountEdges + hostEdges]);
  graph.forEachEdge((_, attributes, from, to) => {
    const source = from.slice(from.indexOf(':') + 1);
    const target = to.slice('host:'.length);
    const same =
      attributes.kind === 'account-host' ? twin.accountAt(source, target) : twin.hostTo(source, target);
    expect(attributes).toEqual(same);
  });
  graph.forEachNode((key, attributes) => {
    const name = key.slice(key.indexOf(':') + 1);
    expect(attributes).toEqual(attributes.kind === 'host' ? twin.host(name) : twin.account(name));
  });
});
