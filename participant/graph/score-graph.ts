import { graphScores } from '../../models/detection/graph-encoder.ts';
import type { GraphEncoderArchitecture } from '../../models/detection/graph-encoder-architecture.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { graphWindow, NodeSet } from './sequences.ts';
import { edgeOf, type SiteGraph } from './site-graph.ts';

/** Logits of the edges of each window. */
export type GraphLogits = readonly Float32Array[];

/** Windows that are made ready at once. */
const READY = 32;

/** Scores every edge, window after window; states go on from the first window to the last. Throws as `graphScores`. */
export function edgeLogits(
  architecture: GraphEncoderArchitecture,
  weights: Float32Array,
  graph: SiteGraph,
): GraphLogits {
  const { size } = graph.hosts;
  const nodes = new NodeSet(
    size,
    Array.from({ length: size }, (_, i) => i),
  );
  const all: Float32Array[] = [];
  let start = new Float32Array(size * architecture.state);
  for (let from = 0; from < graph.windows.length; from += READY) {
    const windows = graph.windows
      .slice(from, from + READY)
      .map((window) => graphWindow(graph, window, nodes, window));
    const { logits, states } = graphScores(architecture, weights, { nodes: size, windows, start });
    let first = 0;
    for (const { from: edges } of windows) {
      all.push(logits.slice(first, first + edges.length));
      first += edges.length;
    }
    start = states.slice();
  }
  return all;
}

/** The score of each event: that of its edge. One that the graph does not have gets the lowest score of all. */
export function eventScores(
  graph: SiteGraph,
  logits: GraphLogits,
  events: readonly AuthEvent[],
): Float64Array {
  const scores = Float64Array.from(events, (event) => {
    const place = edgeOf(graph, event);
    return place === null ? NaN : (logits[place.window]?.[place.edge] ?? NaN);
  });
  const lowest = scores.reduce((least, score) => (score < least ? score : least), Infinity);
  return scores.map((score) => (Number.isNaN(score) ? Math.min(lowest, 0) : score));
}
