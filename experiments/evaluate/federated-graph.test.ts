import { beforeAll, describe, expect, it } from 'vitest';
import { interpolateKeySum } from '../../crypto/public/key-shares.ts';
import { FederatedModel } from '../../models/federated/federated-model.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { drawableGraph } from '../../participant/graph/graph-batches.ts';
import { GraphBuilder } from '../../participant/graph/graph-builder.ts';
import { type GraphTask, graphRound } from '../../participant/graph/train-graph.ts';
import { IncidentIndex } from '../../participant/train/incidents.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import { type SumSetting, answer, contribute, open } from '../../test/bare-sum.ts';
import { prepareSite } from '../../test/prepare-site.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { type GraphMember, federateGraphs, scoresByGraph } from './federated-graph.ts';
import { frameMembers } from './framed-members.ts';
import { lateFusion } from './late-fusion.ts';

const task: GraphTask = {
  rounds: 3,
  seed: 5,
  model: { kind: 'graph-encoder', features: 'graph-v1', hidden: 6, state: 5, decoder: 4, judges: 'before' },
  training: { steps: 2, batch: 32, learningRate: 0.01, corrupted: 0.2, windows: 3, stretches: 2 },
  quantiser: { clipNorm: 4, bits: 16, layout: '3x26' },
};

interface Prepared extends GraphMember {
  readonly site: SiteData;
}

let members: Prepared[];
beforeAll(async () => {
  members = await Promise.all(
    [1, 2, 3].map(async (seed): Promise<Prepared> => {
      const { events, truth } = syntheticSite({ seed, people: 6, servers: 3, days: 6, campaigns: 3 });
      const trainUntil = 4 * DAY_MS;
      const known = truth.filter(({ time }) => time < trainUntil);
      const builder = new GraphBuilder(new IncidentIndex(known), { trainUntil });
      const onEvent = builder.add.bind(builder);
      const site = await prepareSite(events, known, { trainUntil, seed, onEvent });
      const graph = drawableGraph(builder.graph());
      return { organisation: `org-${seed}`, graph, seed: `seed-${seed}`, site };
    }),
  );
});

describe('a federated graph encoder', () => {
  it('ends with the same bits where its updates are encrypted and only their sums are opened', () => {
    const federated = new FederatedModel(task, members.length);
    const committee = [1, 2, 3];
    const { length } = federated.sent;
    const setting: SumSetting = { layout: '3x26', valueBits: 16, length, threshold: 2, committee };
    let state = federated.firstState();
    for (let round = 1; round <= task.rounds; round++) {
      const uploads = members.map(({ graph, seed }, i) => {
        const { values } = graphRound({ federated, state, own: null }, graph, task, round, seed, () => 0);
        return contribute(setting, 100 * round + i, Uint32Array.from(values.read(0, length)));
      });
      const answers = [1, 3].map((index) => answer(index, uploads));
      const keySum = interpolateKeySum(setting.threshold, answers, uploads.length);
      state = federated.next(state, open(setting, keySum, uploads), uploads.length, round === task.rounds);
    }
    const plain = federateGraphs(members, task);
    expect(state).toEqual(plain.state);
    expect(plain.weightsOf('org-1')).toEqual(state[0]);
    expect(state[0]).not.toEqual(federated.firstState()[0]);
  });

  it('leaves heads with the members, each another', () => {
    const { federated, weightsOf } = federateGraphs(members, { ...task, personal: 'head' });
    const [one, two] = ['org-1', 'org-2'].map(weightsOf);
    const { length } = federated.shape;
    expect(federated.model.length - length).toBe(task.model.decoder + 1);
    expect(one?.subarray(0, length)).toEqual(two?.subarray(0, length));
    expect(one?.subarray(length)).not.toEqual(two?.subarray(length));
  });
});

describe('late fusion', () => {
  it('adds scores in units of own validation alerts: scale and place of either change nothing', () => {
    const framed = frameMembers(members.map((member) => ({ ...member, truth: [] })));
    const graphs = new Map(members.map(({ organisation, graph }) => [organisation, graph]));
    const { weightsOf } = federateGraphs(members, task);
    const scores = scoresByGraph(task.model, graphs, weightsOf);
    const rows: typeof scores = ({ site: { validation, evaluation } }) => ({
      validation: Float64Array.from(validation.events, (_, i) => validation.list.row(i)[0] ?? 0),
      evaluation: Float64Array.from(evaluation.events, (_, i) => evaluation.list.row(i)[0] ?? 0),
    });
    const moved: typeof scores = (member) => ({
      validation: Float64Array.from(scores(member).validation, (score) => 3 * score + 7),
      evaluation: Float64Array.from(scores(member).evaluation, (score) => 3 * score + 7),
    });
    for (const member of framed.members) {
      const fused = lateFusion(framed, rows, scores, 0.5)(member);
      const again = lateFusion(framed, rows, moved, 0.5)(member);
      expect(fused.evaluation.length).toBe(member.site.evaluation.events.length);
      for (let i = 0; i < fused.evaluation.length; i++) {
        expect(again.evaluation[i]).toBeCloseTo(fused.evaluation[i] ?? NaN, 9);
      }
      const alone = lateFusion(framed, scores, rows, 0)(member).evaluation;
      const order = (list: ArrayLike<number>) =>
        Array.from(list, (_, i) => i).sort((a, b) => list[a]! - list[b]! || a - b);
      expect(order(alone)).toEqual(order(scores(member).evaluation));
    }
  });
});
