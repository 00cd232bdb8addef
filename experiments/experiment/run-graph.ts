import { setImmediate } from 'node:timers/promises';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { graphEncoder } from '../../models/detection/graph-encoder-model.ts';
import { modelHash } from '../../models/detection/model-hash.ts';
import { modelOf } from '../../models/detection/models.ts';
import type { DrawableGraph } from '../../participant/graph/graph-batches.ts';
import { trainGraphAlone } from '../../participant/graph/train-graph.ts';
import { memberSeed } from '../demo/member-seed.ts';
import { federateGraphs, scoresByGraph } from '../evaluate/federated-graph.ts';
import { lateFusion } from '../evaluate/late-fusion.ts';
import { type GraphMethod, graphTask, trainTask } from './experiment.ts';
import { measure, overAll } from './measure.ts';
import type { MethodResult } from './method-result.ts';
import { rowsToTrain, scorerOf } from './method-scores.ts';
import type { MethodPlace } from './run-method.ts';
import { isCheckpoint, type TrainedWeights, trainPlain } from './train-method.ts';
import { tracksByFigure } from './tracks.ts';

/**
 * A graph encoder trained and evaluated in this process, with an edge scorer beside it where scores are fused. Its weights
 * are not kept: no other tool takes them.
 */
export async function runGraph(
  method: GraphMethod,
  place: MethodPlace,
  signal: AbortSignal,
): Promise<Pick<MethodResult, 'figures' | 'modelHash' | 'losses' | 'curve' | 'encrypted'>> {
  const { sites, framed, seed, tracks } = place;
  const graphs = sites.graphs.get(method.graph.windowSeconds) ?? new Map<string, DrawableGraph>();
  const task = graphTask(method, seed);
  const trained = await trainGraph(method, graphs, seed, signal);
  const beside = await edgeBeside(method, place, signal);
  const named = tracksByFigure(tracks);
  const measured = (weightsOf: TrainedWeights['weightsOf']) => {
    const scores = scoresByGraph(task.model, graphs, weightsOf);
    const { fusion } = method.graph;
    return measure(framed, beside === null ? scores : lateFusion(framed, beside, scores, fusion), named);
  };
  const curve = [];
  for (const { round, weightsOf } of beside === null ? trained.checkpoints : []) {
    await setImmediate();
    signal.throwIfAborted();
    const figures = measured(weightsOf);
    curve.push({ round, ap: overAll(figures, 'ap'), memberRecall: overAll(figures, 'memberRecall') });
  }
  const { modelHash: hash, losses, weightsOf } = trained;
  return { figures: measured(weightsOf), modelHash: hash, losses: [...losses], curve, encrypted: null };
}

async function trainGraph(
  method: GraphMethod,
  graphs: ReadonlyMap<string, DrawableGraph>,
  seed: number,
  signal: AbortSignal,
): Promise<TrainedWeights> {
  const task = graphTask(method, seed);
  const nothing = { losses: [], checkpoints: [] };
  if (method.edge.weights === 'local') {
    const alone = new Map<string, Float32Array>();
    for (const [member, graph] of graphs) {
      await setImmediate();
      signal.throwIfAborted();
      alone.set(member, trainGraphAlone([graph], task, memberSeed(seed, member)).weights);
    }
    return {
      weightsOf: (member) => alone.get(member) ?? new Float32Array(),
      modelHash: null,
      ...nothing,
    };
  }
  if (method.edge.weights === 'pooled') {
    const { weights } = trainGraphAlone([...graphs.values()], task);
    const hash = modelHash(nodePrimitives.sha256, graphEncoder(task.model), weights);
    return { weightsOf: () => weights, modelHash: hash, ...nothing };
  }
  const members = [...graphs].map(([organisation, graph]) => ({
    organisation,
    graph,
    seed: memberSeed(seed, organisation),
  }));
  const losses: number[] = [];
  const checkpoints: TrainedWeights['checkpoints'][number][] = [];
  const { federated, state, weightsOf } = federateGraphs(members, task, {
    onRound: ({ round, loss, weightsOf: now }) => {
      losses.push(loss);
      if (isCheckpoint(round, task.rounds)) checkpoints.push({ round, weightsOf: now });
    },
  });
  return { weightsOf, modelHash: federated.hash(nodePrimitives.sha256, state), losses, checkpoints };
}

/** Scores of the edge scorer that is trained alike, or null where there is none. */
async function edgeBeside(
  { graph, edge, name }: GraphMethod,
  { sites, seed, experiment, tracks, temporary }: MethodPlace,
  signal: AbortSignal,
) {
  if (graph.fusion === 0) return null;
  const method = { ...edge, name };
  const place = { data: experiment.data, folder: temporary, tracks };
  const { weightsOf } = await trainPlain(method, rowsToTrain(method, sites), seed, place, signal);
  return scorerOf(method, modelOf(trainTask(method, seed).model), sites.sites).ofSites(weightsOf);
}
