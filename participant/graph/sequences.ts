/** Windows as the graph encoder takes them. */
import type { Csr } from '../../models/layers/csr.ts';
import type { GraphWindow } from '../../models/detection/graph-encoder-input.ts';
import { halfLog } from '../features/small-logs.ts';
import { NODE_AT, NODE_INPUTS } from './graph-features.ts';
import { destinationOf, sourceOf } from './host-numbers.ts';
import type { ClosedWindow, SiteGraph } from './site-graph.ts';

/** Edges to be judged: keys of pairs and rows of EDGE_FEATURES. */
export interface Candidates {
  readonly keys: Uint32Array;
  readonly edges: Float32Array;
}

/** Which hosts a sequence has, by the numbers of the site, ascending. */
export class NodeSet {
  readonly numbers: Uint32Array;
  readonly #places: Int32Array;

  /** @param hosts numbers lie below it */
  constructor(hosts: number, numbers: Iterable<number>) {
    this.#places = new Int32Array(hosts).fill(-1);
    for (const number of numbers) this.#places[number] = 0;
    const kept: number[] = [];
    this.#places.forEach((mark, number) => {
      if (mark < 0) return;
      this.#places[number] = kept.length;
      kept.push(number);
    });
    this.numbers = Uint32Array.from(kept);
  }

  get size(): number {
    return this.numbers.length;
  }

  /** Place of a host of the set. */
  place(number: number): number {
    return this.#places[number] ?? -1;
  }
}

/** Hosts with an event in one of the windows. */
export function activeIn(graph: SiteGraph, windows: readonly ClosedWindow[]): NodeSet {
  return new NodeSet(graph.hosts.size, numbersIn(windows));
}

function* numbersIn(windows: readonly ClosedWindow[]): Generator<number> {
  for (const { active } of windows) yield* active;
}

/** A window over some hosts, which hold all that are active in it. */
export function graphWindow(
  graph: Pick<SiteGraph, 'firstSeen'>,
  window: ClosedWindow,
  nodes: NodeSet,
  candidates: Candidates,
): GraphWindow {
  const rows = new Float32Array(nodes.size * NODE_INPUTS);
  nodes.numbers.forEach((number, place) => {
    const first = graph.firstSeen[number] ?? window.number;
    if (first <= window.number) rows[place * NODE_INPUTS + NODE_AT.age] = halfLog(window.number - first);
  });
  window.active.forEach((number, i) => {
    const at = nodes.place(number) * NODE_INPUTS;
    const age = rows[at + NODE_AT.age] ?? 0;
    rows.set(window.nodes.subarray(i * NODE_INPUTS, (i + 1) * NODE_INPUTS), at);
    rows[at + NODE_AT.age] = age;
  });
  return {
    neighbours: neighboursIn(window, nodes),
    nodes: rows,
    from: candidates.keys.map((key) => nodes.place(sourceOf(key))),
    to: candidates.keys.map((key) => nodes.place(destinationOf(key))),
    edges: candidates.edges,
  };
}

/** The neighbours of the window, whose hosts stand in the same order among more of them. */
function neighboursIn({ active, neighbours }: ClosedWindow, nodes: NodeSet): Csr {
  const start = new Uint32Array(nodes.size + 1);
  const places = active.map((number) => nodes.place(number));
  places.forEach((place, i) => {
    start[place + 1] = (neighbours.start[i + 1] ?? 0) - (neighbours.start[i] ?? 0);
  });
  for (let i = 0; i < nodes.size; i++) start[i + 1] = (start[i + 1] ?? 0) + (start[i] ?? 0);
  const column = neighbours.column.map((i) => places[i] ?? 0);
  return { rows: nodes.size, columns: nodes.size, start, column };
}
