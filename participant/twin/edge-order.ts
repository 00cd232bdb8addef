import { classOf, type EdgeStore, FROM, nodeOf, TO } from './edge-store.ts';
import { SERVICE_CLASSES } from './service-class.ts';

/** An edge in the order of a whole twin: its row, and the places of its ends in the orders of their nodes. */
export interface OrderedEdges {
  readonly rows: Uint32Array;
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
}

/**
 * Rows by place of the source, place of the destination, class of service: the same for any order of events.
 * @param fromOrder numbers of the nodes that edges begin at, sorted by name @param toOrder of those that they end at
 */
export function orderedEdges(edges: EdgeStore, fromOrder: Uint32Array, toOrder: Uint32Array): OrderedEdges {
  const { records, size } = edges;
  const fromRanks = ranksOf(fromOrder);
  const toRanks = ranksOf(toOrder);
  const classes = SERVICE_CLASSES.length;
  // Twice as a radix sort: a bucket for each destination and class, then one for each source, each pass stable.
  const target = new Uint32Array(size);
  const source = new Uint32Array(size);
  for (let row = 0; row < size; row++) {
    const to = records.get(row, TO);
    target[row] = (toRanks[nodeOf(to)] ?? 0) * classes + classOf(to);
    source[row] = fromRanks[records.get(row, FROM)] ?? 0;
  }
  const byTarget = spread(
    Uint32Array.from({ length: size }, (_, row) => row),
    target,
    toOrder.length * classes,
  );
  const rows = spread(byTarget, source, fromOrder.length);
  return {
    rows,
    sources: rows.map((row) => source[row] ?? 0),
    targets: rows.map((row) => Math.floor((target[row] ?? 0) / classes)),
  };
}

/** Stable counting sort of `rows` by their keys, 0 to `most` - 1. */
function spread(rows: Uint32Array, keys: Uint32Array, most: number): Uint32Array {
  const next = new Uint32Array(most + 1);
  for (const row of rows) {
    const key = (keys[row] ?? 0) + 1;
    next[key] = (next[key] ?? 0) + 1;
  }
  for (let key = 0; key < most; key++) next[key + 1] = (next[key + 1] ?? 0) + (next[key] ?? 0);
  const out = new Uint32Array(rows.length);
  for (const row of rows) {
    const key = keys[row] ?? 0;
    const place = next[key] ?? 0;
    out[place] = row;
    next[key] = place + 1;
  }
  return out;
}

/** Place in the order of each node, by its number. */
function ranksOf(order: Uint32Array): Uint32Array {
  const ranks = new Uint32Array(order.reduce((most, number) => Math.max(most, number + 1), 0));
  order.forEach((number, rank) => (ranks[number] = rank));
  return ranks;
}
