/** Batches to train on: own incidents, corrupted and benign edges out of a few stretches of time. */
import type { LabelledSequence } from '../../models/detection/graph-encoder-input.ts';
import type { SeededStream } from '../../models/seeded-stream.ts';
import type { BatchShares } from '../train/local-round.ts';
import { corruptedEdges } from './corrupted-edges.ts';
import { EDGE_AT } from './graph-features.ts';
import { type EdgePlace, ROLE, type SiteGraph } from './site-graph.ts';
import { type AnsweredEdge, type JudgedEdge, type Stretch, judgedEdges, sequenceOf } from './stretches.ts';

/** What a step is made of. */
export interface GraphTraining extends BatchShares {
  /** Edges judged in a step, at most. */
  readonly batch: number;
  /** Windows of a stretch; those in its second half are judged. */
  readonly windows: number;
  /** Stretches in a step; where there are incidents, the windows of every other one are those around one. */
  readonly stretches: number;
}

/** Shares as of the edge scorer's batches where they are left out. */
const USUAL = { incidents: 0.25, corruptedAlone: 0.5, novel: 0.6 } as const;

/** A site's graph with what can be drawn from it. */
export interface DrawableGraph {
  readonly graph: SiteGraph;
  /** Windows with benign edges to train on, and all incidents. */
  readonly windows: readonly number[];
  readonly incidents: readonly EdgePlace[];
}

/** Looks for what there is to draw from; once for any number of rounds. */
export function drawableGraph(graph: SiteGraph): DrawableGraph {
  const windows: number[] = [];
  const incidents: EdgePlace[] = [];
  graph.windows.forEach(({ roles }, window) => {
    if (roles.includes(ROLE.benign)) windows.push(window);
    roles.forEach((role, edge) => {
      if (role === ROLE.incident) incidents.push({ window, edge });
    });
  });
  return { graph, windows, incidents };
}

/**
 * Batches out of the graphs of one organisation or several. Edges are drawn so that each kind has the weight of its share,
 * own incidents and corrupted edges being malicious; the share of a kind that the stretches do not have goes to the others.
 * Where there is nothing to tell apart, nothing weighs anything. The same arguments give the same batches.
 */
export function graphBatches(
  sites: readonly DrawableGraph[],
  training: GraphTraining,
  stream: SeededStream,
): () => LabelledSequence {
  const trainable = sites.filter(({ windows }) => windows.length > 0);
  const incidents = sites.flatMap(({ graph, incidents: places }) =>
    places.map(({ window }) => ({ graph, window })),
  );
  const anywhere = () => {
    const site = one(trainable, stream);
    return site === undefined ? undefined : { graph: site.graph, window: one(site.windows, stream) ?? 0 };
  };
  return () => {
    const stretches: Stretch[] = [];
    for (let i = 0; i < training.stretches; i++) {
      const around = (i % 2 === 0 ? one(incidents, stream) : undefined) ?? anywhere();
      if (around !== undefined) stretches.push(stretchAround(around.graph, around.window, training, stream));
    }
    return labelled(stretches, incidents.length > 0, training, stream);
  };
}

/** Windows of which `window` is one that is judged. */
function stretchAround(
  graph: SiteGraph,
  window: number,
  { windows: length }: GraphTraining,
  stream: SeededStream,
): Stretch {
  const judged = Math.ceil(length / 2);
  const end = Math.min(window + 1 + stream.nextBelow(judged), graph.windows.length);
  return { graph, windows: graph.windows.slice(Math.max(0, end - length), end) };
}

function labelled(
  stretches: readonly Stretch[],
  hasIncidents: boolean,
  training: GraphTraining,
  stream: SeededStream,
): LabelledSequence {
  const shares = { ...USUAL, ...training };
  const wanted = hasIncidents ? shares.corrupted : shares.corruptedAlone;
  const room = (share: number) => Math.round(Math.max(0, share) * training.batch);
  const { benign, incidents } = judgedEdges(stretches, Math.ceil(training.windows / 2));
  const corrupted = corruptedEdges(stretches, benign, room(wanted), stream);
  const malicious = (incidents.length > 0 ? shares.incidents : 0) + (corrupted.length > 0 ? wanted : 0);
  const [novel, familiar] = [benign.filter(isNovel), benign.filter((edge) => !isNovel(edge))];
  const share = familiar.length === 0 ? 1 : novel.length === 0 ? 0 : shares.novel;
  const [ofNovel, ofFamiliar] = [(1 - malicious) * share, (1 - malicious) * (1 - share)];
  const edges = [
    ...weighing(some(incidents, room(shares.incidents), stream), 1, shares.incidents),
    ...weighing(corrupted, 1, wanted),
    ...weighing(some(novel, room(ofNovel), stream), 0, ofNovel),
    ...weighing(some(familiar, room(ofFamiliar), stream), 0, ofFamiliar),
  ];
  const isOneSided = benign.length === 0 || (malicious === 0 && wanted > 0);
  return sequenceOf(
    stretches,
    training.windows,
    isOneSided ? edges.map((edge) => ({ ...edge, weight: 0 })) : edges,
  );
}

/** A benign edge of a pair, or with an account, that is new: alerts are decided among these. */
function isNovel({ row }: JudgedEdge): boolean {
  return row[EDGE_AT.new] === 1 || row[EDGE_AT.fresh] === 1;
}

function weighing(edges: readonly JudgedEdge[], label: 0 | 1, share: number): AnsweredEdge[] {
  return edges.map((edge) => ({ ...edge, label, weight: Math.max(0, share) / edges.length }));
}

function one<T>(list: readonly T[], stream: SeededStream): T | undefined {
  return list.length === 0 ? undefined : list[stream.nextBelow(list.length)];
}

/** At most so many of them, each at most once, in no order. */
function some<T>(all: readonly T[], most: number, stream: SeededStream): T[] {
  const left = [...all];
  const taken = Math.min(most, left.length);
  for (let i = 0; i < taken; i++) {
    const other = i + stream.nextBelow(left.length - i);
    const [a, b] = [left[i], left[other]];
    if (a !== undefined && b !== undefined) [left[i], left[other]] = [b, a];
  }
  return left.slice(0, taken);
}
