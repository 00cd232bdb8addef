import type { GraphWindow, LabelledSequence } from '../../models/detection/graph-encoder-input.ts';
import { blockDiagonal, type Csr } from '../../models/layers/csr.ts';
import { EDGE_INPUTS, NODE_INPUTS } from './graph-features.ts';
import { activeIn, graphWindow } from './sequences.ts';
import { type ClosedWindow, ROLE, type SiteGraph } from './site-graph.ts';

/** Windows of a site that follow one another. */
export interface Stretch {
  readonly graph: SiteGraph;
  readonly windows: readonly ClosedWindow[];
}

/** An edge of a window of a stretch, or one that could be there; places are counted from 0. */
export interface JudgedEdge {
  readonly stretch: number;
  readonly window: number;
  readonly key: number;
  /** Of EDGE_FEATURES. */
  readonly row: Float32Array;
}

/** The same with its answer. */
export interface AnsweredEdge extends JudgedEdge {
  readonly label: 0 | 1;
  readonly weight: number;
}

/** Edges to train on in the last `last` windows of each stretch. */
export function judgedEdges(stretches: readonly Stretch[], last: number) {
  const [benign, incidents]: [JudgedEdge[], JudgedEdge[]] = [[], []];
  stretches.forEach(({ windows }, stretch) => {
    windows.forEach(({ keys, edges, roles }, window) => {
      if (window < windows.length - last) return;
      keys.forEach((key, i) => {
        const role = roles[i];
        if (role === ROLE.none) return;
        const row = edges.subarray(i * EDGE_INPUTS, (i + 1) * EDGE_INPUTS);
        (role === ROLE.incident ? incidents : benign).push({ stretch, window, key, row });
      });
    });
  });
  return { benign, incidents };
}

/**
 * Stretches side by side as one sequence of `length` windows, each with hosts of its own: those that are active in it. A
 * shorter one begins later.
 */
export function sequenceOf(
  stretches: readonly Stretch[],
  length: number,
  edges: readonly AnsweredEdge[],
): LabelledSequence {
  const sides = stretches.map(({ graph, windows }, stretch) => {
    const nodes = activeIn(graph, windows);
    const empty = length - windows.length;
    return { graph, windows, stretch, nodes, empty };
  });
  const total = sides.reduce((sum, { nodes }) => sum + nodes.size, 0);
  const inOrder: AnsweredEdge[] = [];
  const windows = Array.from({ length }, (_, i) =>
    besides(
      sides.map(({ graph, windows: those, stretch, nodes, empty }) => {
        const window = those[i - empty];
        if (window === undefined) return nothing(nodes.size);
        const judged = edges.filter((edge) => edge.stretch === stretch && edge.window === i - empty);
        inOrder.push(...judged);
        const rows = new Float32Array(judged.length * EDGE_INPUTS);
        judged.forEach(({ row }, at) => {
          rows.set(row, at * EDGE_INPUTS);
        });
        const keys = Uint32Array.from(judged, ({ key }) => key);
        return graphWindow(graph, window, nodes, { keys, edges: rows });
      }),
    ),
  );
  return {
    nodes: total,
    windows,
    labels: Float32Array.from(inOrder, ({ label }) => label),
    weights: Float32Array.from(inOrder, ({ weight }) => weight),
  };
}

function nothing(nodes: number): GraphWindow {
  const none: Csr = {
    rows: nodes,
    columns: nodes,
    start: new Uint32Array(nodes + 1),
    column: new Uint32Array(),
  };
  return {
    neighbours: none,
    nodes: new Float32Array(nodes * NODE_INPUTS),
    from: new Uint32Array(),
    to: new Uint32Array(),
    edges: new Float32Array(),
  };
}

/** Graphs of different hosts as one. */
function besides(windows: readonly GraphWindow[]): GraphWindow {
  let before = 0;
  const ends = windows.map(({ neighbours, from, to }) => {
    const first = before;
    before += neighbours.rows;
    return { from: from.map((node) => node + first), to: to.map((node) => node + first) };
  });
  return {
    neighbours: blockDiagonal(windows.map(({ neighbours }) => neighbours)),
    nodes: joined(windows.map(({ nodes }) => nodes)),
    from: Uint32Array.from(ends.flatMap(({ from }) => [...from])),
    to: Uint32Array.from(ends.flatMap(({ to }) => [...to])),
    edges: joined(windows.map(({ edges }) => edges)),
  };
}

function joined(lists: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}
