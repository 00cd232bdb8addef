import { graphScores } from '../../models/detection/graph-encoder.ts';
import type { GraphEncoderArchitecture } from '../../models/detection/graph-encoder-architecture.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { graphWindow, NodeSet } from './sequences.ts';
import { edgeOf, type SiteGraph } from './site-graph.ts';

/** Logits of the edges of each window. */
export type GraphLogits = readonly Float32Array[];

/** Scores every edge, window after window; states go on from the first window to the last. Throws as `graphScores`. */
export function edgeLogits(
  architecture: GraphEncoderArchitecture,
  weights: Float32Array,
  graph: SiteGraph,
): GraphLogits {
  const nodes = new NodeSet(
    graph.hosts.size,
    Array.from({ length: graph.hosts.size }, (_, i) => i),
  );
  let start = new Float32Array(nodes.size * architecture.state);
  return graph.windows.map((window) => {
    const windows = [graphWindow(graph, window, nodes, window)];
    const { logits, states } = graphScores(architecture, weights, { nodes: nodes.size, windows, start });
    start = states as typeof start;
    return logits;
  });
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
