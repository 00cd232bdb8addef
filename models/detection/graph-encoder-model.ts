import { placesOf } from '../layers/tensors.ts';
import {
  checkGraphEncoder,
  graphEncoderTensors,
  initialGraphWeights,
  type GraphEncoderArchitecture,
} from './graph-encoder-architecture.ts';
import { type SharedModel, shapeOf } from './model.ts';

/** Feature sets of graphs by version: how many numbers a host and an edge have; participant/graph computes them. */
export const GRAPH_FEATURE_SETS = { 'graph-v1': { nodeInputs: 16, edgeInputs: 10 } } as const;

/** What is said of a graph encoder where one is to be trained; sizes as in the architecture. */
export interface GraphEncoderChoice extends Pick<
  GraphEncoderArchitecture,
  'kind' | 'hidden' | 'state' | 'decoder' | 'judges'
> {
  readonly features: keyof typeof GRAPH_FEATURE_SETS;
}

/** The architecture that a choice stands for. */
export function graphEncoder({ features, ...sizes }: GraphEncoderChoice): GraphEncoderArchitecture {
  return { ...GRAPH_FEATURE_SETS[features], ...sizes };
}

/** The graph encoder as a federation sees it. Throws ModelError VALUE_OUT_OF_RANGE for sizes out of range. */
export function graphEncoderModel(architecture: GraphEncoderArchitecture): SharedModel {
  checkGraphEncoder(architecture);
  const tensors = placesOf(graphEncoderTensors(architecture));
  return {
    ...shapeOf(tensors),
    architecture,
    body: shapeOf(tensors.filter(({ name }) => !name.startsWith('logit.'))),
    initialWeights: (seed) => initialGraphWeights(architecture, seed),
  };
}
