import type { SeededStream } from '../../models/seeded-stream.ts';
import { EDGE_AT } from './graph-features.ts';
import { destinationOf, pairKey, sourceOf } from './host-numbers.ts';
import type { JudgedEdge, Stretch } from './stretches.ts';

const TRIES = 4;

/**
 * Training by contrast without labels: copies of remote edges with a destination (twice in three) or a source out of another
 * one of the stretch, so that hosts are drawn as often as they really have edges (degree-matched), and the pair is new in its
 * window. It looks as an edge that is new: all else is as at the edge it was made from.
 * @param edges of the stretches, in their order
 * @returns fewer than `count` where the edges do not give as many
 */
export function corruptedEdges(
  stretches: readonly Stretch[],
  edges: readonly JudgedEdge[],
  count: number,
  stream: SeededStream,
): JudgedEdge[] {
  const remote = edges.filter(({ key }) => sourceOf(key) !== destinationOf(key));
  const made: JudgedEdge[] = [];
  if (remote.length < 2) return made;
  const ranges = stretches.map((_, stretch) => ({
    first: remote.findIndex((edge) => edge.stretch === stretch),
    length: remote.filter((edge) => edge.stretch === stretch).length,
  }));
  for (let i = 0; i < count; i++) {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const edge = remote[stream.nextBelow(remote.length)];
      const range = ranges[edge?.stretch ?? -1];
      if (edge === undefined || range === undefined) continue;
      const other = remote[range.first + stream.nextBelow(range.length)] ?? edge;
      const copy = mixed(edge, other, stream.nextBelow(3) < 2);
      const { graph, windows } = stretches[edge.stretch] ?? {};
      const now = windows?.[edge.window]?.number ?? 0;
      const first = graph?.pairs.find(copy.key)?.first ?? Infinity;
      if (sourceOf(copy.key) === destinationOf(copy.key) || first <= now) continue;
      made.push(copy);
      break;
    }
  }
  return made;
}

function mixed(edge: JudgedEdge, other: JudgedEdge, toOther: boolean): JudgedEdge {
  const row = edge.row.slice();
  row[EDGE_AT.new] = 1;
  row[EDGE_AT.since] = 0;
  row[EDGE_AT.windows] = 0;
  if (toOther) row[EDGE_AT.fresh] = 1;
  const key = toOther
    ? pairKey(sourceOf(edge.key), destinationOf(other.key))
    : pairKey(sourceOf(other.key), destinationOf(edge.key));
  return { ...edge, key, row };
}
