import { type EdgeScorerChoice, edgeScorer } from './feature-sets.ts';
import { edgeScorerModel } from './edge-scorer.ts';
import { type GraphEncoderChoice, graphEncoder, graphEncoderModel } from './graph-encoder-model.ts';
import { type LayeredChoice, layered } from './layered-architecture.ts';
import { layeredModel } from './layered-model.ts';
import type { Architecture, DetectionModel, SharedModel } from './model.ts';

/** What a task says of its model. */
export type ModelChoice = (EdgeScorerChoice & { readonly kind: 'edge-scorer' }) | LayeredChoice;

/** What a task's model is hashed with. Throws ModelError VALUE_OUT_OF_RANGE for an unknown feature set. */
export function architectureOf(choice: ModelChoice): Architecture {
  return choice.kind === 'layers' ? layered(choice) : edgeScorer(choice);
}

/** The model that a task names. Throws ModelError VALUE_OUT_OF_RANGE. */
export function modelOf(choice: ModelChoice): DetectionModel {
  return modelWith(architectureOf(choice));
}

/** The model of an architecture: the one place that knows all kinds. Throws ModelError VALUE_OUT_OF_RANGE. */
export function modelWith(architecture: Architecture): DetectionModel {
  return architecture.kind === 'layers' ? layeredModel(architecture) : edgeScorerModel(architecture);
}

/** The same of any kind, also of one that takes no rows. Throws ModelError VALUE_OUT_OF_RANGE. */
export function sharedModelOf(choice: ModelChoice | GraphEncoderChoice): SharedModel {
  return choice.kind === 'graph-encoder' ? graphEncoderModel(graphEncoder(choice)) : modelOf(choice);
}
