import { beforeAll, describe, expect, it } from 'vitest';
import { graphEncoder, graphEncoderModel } from '../../models/detection/graph-encoder-model.ts';
import { FederatedModel } from '../../models/federated/federated-model.ts';
import { rocAuc } from '../../models/metrics/ranking.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { prepareSite } from '../../test/prepare-site.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { type Incident, IncidentIndex } from '../train/incidents.ts';
import { seededStream } from '../train/seeded-stream.ts';
import type { SiteData } from '../train/site-data.ts';
import { type DrawableGraph, drawableGraph, graphBatches } from './graph-batches.ts';
import { GraphBuilder } from './graph-builder.ts';
import { EDGE_AT, EDGE_INPUTS } from './graph-features.ts';
import { eventScores, edgeLogits } from './score-graph.ts';
import { type SiteGraph, edgeOf } from './site-graph.ts';
import { type GraphTask, graphRound, trainGraphAlone } from './train-graph.ts';

const untimed = (): number => 0;
const DAYS = 10;
const task: GraphTask = {
  rounds: 20,
  seed: 3,
  model: {
    kind: 'graph-encoder',
    features: 'graph-v1',
    hidden: 8,
    state: 8,
    decoder: 8,
    judges: 'before',
  },
  training: { steps: 5, batch: 64, learningRate: 0.01, corrupted: 0.2, windows: 4, stretches: 2 },
  quantiser: { clipNorm: 4, bits: 16, layout: '3x26' },
};
const architecture = graphEncoder(task.model);
const initial = graphEncoderModel(architecture).initialWeights(1);

interface Prepared {
  readonly site: SiteData;
  readonly graph: SiteGraph;
  readonly drawable: DrawableGraph;
  readonly truth: IncidentIndex;
}

async function prepared(
  seed: number,
  labels: (incident: Incident) => boolean = () => true,
): Promise<Prepared> {
  const { events, truth } = syntheticSite({ seed, people: 12, servers: 5, days: DAYS, campaigns: 8 });
  const trainUntil = 0.7 * DAYS * DAY_MS;
  const known = truth.filter((incident) => incident.time < trainUntil && labels(incident));
  const builder = new GraphBuilder(new IncidentIndex(known), { trainUntil });
  const onEvent = builder.add.bind(builder);
  const site = await prepareSite(events, known, { trainUntil, seed, onEvent });
  const graph = builder.graph();
  return { site, graph, drawable: drawableGraph(graph), truth: new IncidentIndex(truth) };
}

let one: Prepared;
let other: Prepared;
let unlabelled: Prepared;
beforeAll(async () => {
  one = await prepared(1);
  other = await prepared(2);
  unlabelled = await prepared(1, () => false);
});

function auc({ site, graph, truth }: Prepared, weights: Float32Array, model = architecture): number {
  const { events } = site.evaluation;
  const labels = Uint8Array.from(events, (event) => Number(truth.campaignOf(event) !== null));
  const scores = eventScores(graph, edgeLogits(model, weights, graph), events);
  return rocAuc(labels, scores) ?? NaN;
}

describe('sequences to train on', () => {
  const drawn = ({ drawable }: Prepared, training = {}, seed = 1) => {
    const source = graphBatches([drawable], { ...task.training, ...training }, seededStream('test', seed));
    return Array.from({ length: 40 }, source);
  };

  it('are the same for the same seed, and others for another', () => {
    expect(drawn(one)).toEqual(drawn(one));
    expect(drawn(one, {}, 2)).not.toEqual(drawn(one));
  });

  it('judge the second half of their windows, with the weights that the shares say', () => {
    for (const { windows, labels, weights } of drawn(one)) {
      const edges = windows.flatMap(({ from, edges: rows }, window) =>
        [...from].map((_, i) => ({ window, row: rows.subarray(i * EDGE_INPUTS, (i + 1) * EDGE_INPUTS) })),
      );
      expect(labels).toHaveLength(edges.length);
      expect(edges.length).toBeLessThanOrEqual(task.training.batch + 2);
      expect(Math.min(...edges.map(({ window }) => window))).toBeGreaterThanOrEqual(windows.length - 2);
      const malicious = weights.filter((_, i) => labels[i] === 1).reduce((sum, weight) => sum + weight, 0);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      if (total > 0) expect([total, malicious]).toEqual([expect.closeTo(1, 5), expect.closeTo(0.45, 5)]);
    }
    for (const { labels } of drawn(one, { corrupted: 0, incidents: 0 })) expect(labels).not.toContain(1);
  });

  it('have corrupted edges that are new and that no event has', () => {
    for (const sequence of drawn(unlabelled, { corruptedAlone: 0.5 })) {
      let at = 0;
      for (const { from, edges } of sequence.windows) {
        for (let i = 0; i < from.length; i++, at++) {
          if (sequence.labels[at] === 0) continue;
          expect(edges[i * EDGE_INPUTS + EDGE_AT.new]).toBe(1);
          expect(edges[i * EDGE_INPUTS + EDGE_AT.local]).toBe(0);
        }
      }
    }
  });

  it('weigh nothing where contrast is wanted and there is none', () => {
    const alone = new GraphBuilder(new IncidentIndex([]), { trainUntil: null });
    const { events } = syntheticSite({ seed: 1, people: 1, servers: 1, days: 3, campaigns: 0 });
    for (const event of events) alone.add({ ...event, dstHost: event.srcHost }, false);
    const source = graphBatches([drawableGraph(alone.graph())], task.training, seededStream('test'));
    const { labels, weights } = source();
    expect(labels.length).toBeGreaterThan(0);
    expect(new Set([...labels, ...weights])).toEqual(new Set([0]));
    const { weights: same } = trainGraphAlone([drawableGraph(alone.graph())], task);
    expect(same).toEqual(graphEncoderModel(architecture).initialWeights(task.seed));
    // Nor is there anything in no window at all.
    const none = drawableGraph(new GraphBuilder(new IncidentIndex([]), { trainUntil: null }).graph());
    expect(trainGraphAlone([none], task).weights).toEqual(same);
  });
});

describe('training', () => {
  it.each(['before', 'after'] as const)('finds intruders by the states %s a window', (judges) => {
    const alike = { ...task, model: { ...task.model, judges } };
    const { weights } = trainGraphAlone([one.drawable], alike);
    expect(auc(one, weights, graphEncoder(alike.model))).toBeGreaterThan(0.95);
    expect(auc(one, initial)).toBeLessThan(0.8);
  });

  it('tells new pairs from ordinary ones by contrast alone', () => {
    const { weights } = trainGraphAlone([unlabelled.drawable], task);
    const { events } = unlabelled.site.evaluation;
    const isNew = (event: AuthEvent) => {
      const place = edgeOf(unlabelled.graph, event);
      return unlabelled.graph.windows[place?.window ?? -1]?.edges[(place?.edge ?? -1) * EDGE_INPUTS] ?? 0;
    };
    const logits = edgeLogits(architecture, weights, unlabelled.graph);
    const scores = eventScores(unlabelled.graph, logits, events);
    expect(rocAuc(Uint8Array.from(events, isNew), scores)).toBeGreaterThan(0.95);
  });

  it('gives the same whole numbers for the same round and seed, and others for others', () => {
    const federated = new FederatedModel(task, 2);
    const start = { federated, state: [initial] as const, own: null };
    const values = (...[site, round, seed]: [Prepared, number, string]) =>
      graphRound(start, site.drawable, task, round, seed, untimed).values.read(0, initial.length);
    expect(values(one, 1, 'a')).toEqual(values(one, 1, 'a'));
    expect(values(one, 2, 'a')).not.toEqual(values(one, 1, 'a'));
    expect(values(one, 1, 'b')).not.toEqual(values(one, 1, 'a'));
    expect(values(other, 1, 'a')).not.toEqual(values(one, 1, 'a'));
  });

  it('on several graphs learns from the incidents of all', () => {
    const { weights } = trainGraphAlone([unlabelled.drawable, other.drawable], task);
    expect(auc(one, weights)).toBeGreaterThan(0.9);
    expect(trainGraphAlone([], task).weights).toEqual(
      graphEncoderModel(architecture).initialWeights(task.seed),
    );
  });
});

describe('scores', () => {
  it('are those of the edge, for every event; what the graph does not have gets the lowest', () => {
    const { site, graph } = one;
    const logits = edgeLogits(architecture, initial, graph);
    const { events } = site.evaluation;
    const scores = eventScores(graph, logits, [...events, { ...events[0]!, time: 1e15 }]);
    events.forEach((event, i) => {
      const place = edgeOf(graph, event);
      expect(scores[i]).toBe(logits[place?.window ?? -1]?.[place?.edge ?? -1]);
    });
    expect(scores.at(-1)).toBeLessThanOrEqual(Math.min(...scores));
  });

  it('judged by the states before a window, know nothing of it or of what comes later', async () => {
    const { events } = syntheticSite({ seed: 1, people: 12, servers: 5, days: DAYS, campaigns: 8 });
    const graphOf = (until: number) => {
      const builder = new GraphBuilder(new IncidentIndex([]), { trainUntil: null });
      for (const event of events) if (event.time < until) builder.add(event, false);
      return builder.graph();
    };
    const until = 5.4 * DAY_MS;
    const [early, late] = [graphOf(until), graphOf(Infinity)];
    const [now, later] = [early, late].map((graph) => edgeLogits(architecture, initial, graph));
    const seen = events.filter((event) => event.time < until && edgeOf(early, event) !== null);
    expect(eventScores(late, later ?? [], seen)).toEqual(eventScores(early, now ?? [], seen));
  });
});
