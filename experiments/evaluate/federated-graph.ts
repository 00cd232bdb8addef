/** The graph encoder under the protocol: federated without encryption, and the scores of its events. */
import { type GraphEncoderChoice, graphEncoder } from '../../models/detection/graph-encoder-model.ts';
import type { DrawableGraph } from '../../participant/graph/graph-batches.ts';
import { edgeLogits, eventScores } from '../../participant/graph/score-graph.ts';
import { type GraphTask, graphRound } from '../../participant/graph/train-graph.ts';
import type { ScoresOf } from './evaluate.ts';
import { type PlainHooks, type PlainOutcome, federateRounds } from './federated-plain.ts';

/** A member with its graph. */
export interface GraphMember {
  readonly organisation: string;
  readonly graph: DrawableGraph;
  readonly seed: number | string;
}

/** Rounds of the graph encoder, summed in the clear. Throws as `graphRound`, and `FederatedModel.next`. */
export function federateGraphs(
  members: readonly GraphMember[],
  task: GraphTask,
  hooks: PlainHooks = {},
): PlainOutcome {
  return federateRounds(
    members,
    task,
    (start, { graph, seed }, round) => graphRound(start, graph, task, round, seed, () => 0),
    hooks,
  );
}

/** Each event's score is that of its edge. @param graphs of all members */
export function scoresByGraph(
  choice: GraphEncoderChoice,
  graphs: ReadonlyMap<string, DrawableGraph>,
  weightsOf: (organisation: string) => Float32Array,
): ScoresOf {
  const architecture = graphEncoder(choice);
  return ({ organisation, site: { validation, evaluation } }) => {
    const graph = graphs.get(organisation)?.graph;
    if (graph === undefined) return { validation: [], evaluation: [] };
    const logits = edgeLogits(architecture, weightsOf(organisation), graph);
    return {
      validation: eventScores(graph, logits, validation.events),
      evaluation: eventScores(graph, logits, evaluation.events),
    };
  };
}
