import { orderedEdges } from './edge-order.ts';
import { FROM, nodeOf, TO } from './edge-store.ts';
import { toGraphology } from './to-graphology.ts';
import type { TwinGraph } from './twin-graph.ts';
import { accountView, connectionView, hostView, type TwinAccount, type TwinHost, useView } from './views.ts';

/**
 * The twin for people and other programs, as pieces of one JSON object `{ sizes, hosts, accounts, edges }`, a line for each
 * node and edge, in order of names. Nodes have their role and the evidence; times are milliseconds.
 */
export function* twinJson(twin: TwinGraph): Generator<string> {
  const { hosts, accounts, accountEdges, hostEdges, networkEdges } = twin.state;
  const roles = twin.roles();
  const hostOrder = hosts.sorted();
  const accountOrder = accounts.sorted();
  yield `{"sizes":${JSON.stringify(twin.sizes())},\n"hosts":[`;
  yield* lines(hostOrder, (number) => ({
    ...hostView(twin.state, number),
    ...roles.host(hosts.name(number)),
  }));
  yield '],\n"accounts":[';
  yield* lines(accountOrder, (number) => ({
    ...accountView(twin.state, number),
    ...roles.account(accounts.name(number)),
  }));
  yield '],\n"edges":[';
  const used = orderedEdges(accountEdges, accountOrder, hostOrder).rows;
  yield* lines(used, (row) => ({
    from: accounts.name(accountEdges.records.get(row, FROM)),
    to: hosts.name(accountEdges.records.get(row, TO)),
    ...useView('account-host', accountEdges, row),
  }));
  let more = used.length > 0;
  const reached = orderedEdges(hostEdges, hostOrder, hostOrder).rows;
  yield* lines(
    reached,
    (row) => ({
      from: hosts.name(hostEdges.records.get(row, FROM)),
      to: hosts.name(hostEdges.records.get(row, TO)),
      ...useView('host-host', hostEdges, row),
    }),
    more,
  );
  more ||= reached.length > 0;
  yield* lines(
    orderedEdges(networkEdges, hostOrder, hostOrder).rows,
    (row) => {
      const to = networkEdges.records.get(row, TO);
      return {
        from: hosts.name(networkEdges.records.get(row, FROM)),
        to: hosts.name(nodeOf(to)),
        ...connectionView(networkEdges, row, to),
      };
    },
    more,
  );
  yield ']}\n';
}

function* lines(rows: Uint32Array, view: (row: number) => object, more = false): Generator<string> {
  let comma = more;
  for (const row of rows) {
    yield `${comma ? ',' : ''}\n${JSON.stringify(view(row))}`;
    comma = true;
  }
}

/**
 * The twin as GraphML (graphml.graphdrawing.org), what Gephi, yEd and NetworkX read: nodes with their role and the evidence;
 * numbers and truth values as such, lists as JSON.
 */
export function* graphml(twin: TwinGraph): Generator<string> {
  const graph = toGraphology(twin.state);
  const roles = twin.roles();
  const withRole = (node: TwinHost | TwinAccount): object => ({
    ...node,
    ...(node.kind === 'host' ? roles.host(node.name) : roles.account(node.name)),
  });
  const keys = new Map<string, { of: 'node' | 'edge'; name: string; type: string }>();
  const declare = (of: 'node' | 'edge', attributes: object): void => {
    for (const [name, value] of Object.entries(attributes)) {
      const type = typeOf(value);
      const known = keys.get(`${of}-${name}`)?.type ?? type;
      keys.set(`${of}-${name}`, { of, name, type: known === type ? type : wider(known, type) });
    }
  };
  graph.forEachNode((_, attributes) => declare('node', withRole(attributes)));
  graph.forEachEdge((_, attributes) => declare('edge', attributes));
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n';
  for (const [id, { of, name, type }] of keys)
    yield `<key id="${id}" for="${of}" attr.name="${escape(name)}" attr.type="${type}"/>\n`;
  yield '<graph edgedefault="directed">\n';
  const data = (of: 'node' | 'edge', attributes: object): string =>
    Object.entries(attributes)
      .map(([name, value]) => `<data key="${of}-${name}">${escape(textOf(value))}</data>`)
      .join('');
  for (const { node, attributes } of graph.nodeEntries()) {
    yield `<node id="${escape(node)}">${data('node', withRole(attributes))}</node>\n`;
  }
  for (const { source, target, attributes } of graph.edgeEntries()) {
    yield `<edge source="${escape(source)}" target="${escape(target)}">${data('edge', attributes)}</edge>\n`;
  }
  yield '</graph>\n</graphml>\n';
}

function typeOf(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'double';
  return typeof value === 'boolean' ? 'boolean' : 'string';
}

/** A type that holds values of two different ones. */
function wider(one: string, other: string): string {
  return [one, other].every((type) => type === 'long' || type === 'double') ? 'double' : 'string';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Text of XML 1.0; characters that it cannot hold become U+FFFD. */
function escape(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}
