import type { Scenario } from '../../datasets/simulator/scenario/schema.ts';
import { EVIDENCE_WEIGHT } from '../../participant/train/fused-scores.ts';
import {
  type Counting,
  type GraphMethod,
  type GraphSettings,
  type Method,
  type TrainedMethod,
  type Variant,
  variantOf as variantIn,
} from './experiment.ts';
import { chosenModel } from './chosen-model.ts';
import { invalid } from './invalid.ts';
import type { Program } from './program/program-method.ts';
import { attackOf, partitionOf, privacyOf } from './resolve-simulated.ts';
import { GRAPH_TRAINING, usualTraining } from './usual-training.ts';
import type { ExperimentFile } from './schema.ts';

const CLIP_NORM = 4;
const COUNTING: Counting = { interval: 3600, floor: 2, noise: 0 };
const FALSE_INCIDENTS = 1000;

const GRAPH: GraphSettings = {
  hidden: 16,
  state: 16,
  decoder: 16,
  judges: 'before',
  windowSeconds: 3600,
  windows: 6,
  stretches: 4,
  fusion: 0,
};
const OF_GRAPH = ['state', 'decoder', 'judges', 'windowSeconds', 'windows', 'stretches', 'fusion'] as const;

type GivenMethod = ExperimentFile['methods'][number];

/** What a method may not have beside a rule or program, or beside the best of others. */
const OF_FEDERATION = [
  'optimiser',
  'personal',
  'attack',
  'aggregation',
  'weighting',
  'privacy',
  'partition',
] as const;
const OF_TRAINING = [
  'model',
  'training',
  'evidence',
  'publicAttacks',
  'encryption',
  ...OF_FEDERATION,
] as const;
const OF_ROWS = ['features', 'labels', 'counting', 'coldStart', 'unlabelled'] as const;

/** What stands elsewhere than in the experiment file. */
interface MethodParts {
  /** Scenarios in full. */
  readonly publicAttacks: readonly Scenario[] | null;
  readonly program: Program | null;
}

/**
 * A method with its defaults and those of the experiment.
 * @param parts what it names outside the file, read
 * @param what the file, for the error
 * @throws CordonError CONFIG_INVALID for fields that do not go together
 */
export function resolveMethod(
  file: ExperimentFile,
  method: GivenMethod,
  { publicAttacks, program }: MethodParts,
  what: string,
): Method {
  const { name, weights, rule, bestOf } = method;
  const place = `method ${name} of the ${what}`;
  const kinds = (['weights', 'rule', 'program', 'bestOf'] as const).filter(
    (field) => method[field] !== undefined,
  );
  if (kinds.length !== 1) {
    throw invalid(`one of weights, rule, program and bestOf in ${place}`, kinds.join(' and ') || 'none');
  }
  const useless = [
    ...(weights === undefined ? OF_TRAINING : []),
    ...(bestOf === undefined ? [] : OF_ROWS),
  ].find((field) => method[field] !== undefined);
  if (useless !== undefined) {
    throw invalid(`nothing in ${place} that means nothing beside ${kinds.join()}`, useless);
  }
  const together = OF_FEDERATION.find((field) => method[field] !== undefined);
  if (together !== undefined && weights !== 'federated') {
    throw invalid(`${together} of federated weights alone in ${place}`, weights ?? '');
  }
  if (bestOf !== undefined) return { kind: 'best-of', name, of: bestOf };
  const variant = variantOf(file, method);
  if (rule !== undefined) return { kind: 'rule', name, rule, ...variant };
  if (program !== null) return { kind: 'program', name, ...program, ...variant };
  const evidence = evidenceOf(method, place);
  if (publicAttacks !== null && variant.counting !== null && evidence === 0) {
    // Nobody outside the federation has its columns.
    throw invalid(`own features, or evidence above 0, with publicAttacks in ${place}`, 'evidence: 0');
  }
  const isGraph = method.model?.kind === 'graph-encoder';
  const { rounds, clipNorm, participation, ...training } = {
    participation: 1,
    clipNorm: CLIP_NORM,
    ...usualTraining(weights ?? 'local', variant.labels),
    ...file.training,
    ...(isGraph ? {} : method.training),
  };
  const { optimiser, personal } = method;
  const model = chosenModel(isGraph ? undefined : method.model, file.model, personal !== undefined, place);
  const trained: TrainedMethod = {
    kind: 'trained',
    name,
    weights: weights ?? 'local',
    ...variant,
    publicAttacks,
    evidence,
    encryption: false,
    attack: attackOf(method, place),
    aggregation: method.aggregation ?? null,
    weighting: method.weighting ?? 'equal',
    privacy: privacyOf(method, place),
    partition: partitionOf(method, place),
    participation,
    clipNorm,
    ...model,
    rounds,
    training,
    ...(optimiser && { optimiser }),
    ...(personal && { personal }),
  };
  if (isGraph) return graphMethod(file, method, trained, place);
  const ofGraph = OF_GRAPH.find((field) => method.model?.[field] !== undefined);
  if (ofGraph !== undefined)
    throw invalid(`model.${ofGraph} of a graph-encoder alone in ${place}`, 'edge-scorer');
  checkOptimiser(trained, place);
  const simulated = simulatedOnly(trained);
  if (method.encryption === true && weights === 'federated' && simulated !== null) {
    throw invalid(`encryption: false with ${simulated} in ${place}`, 'true');
  }
  return {
    ...trained,
    encryption: weights === 'federated' && simulated === null && (method.encryption ?? true),
  };
}

/** @param edge the edge scorer that the experiment would train where a method says nothing */
function graphMethod(
  file: ExperimentFile,
  method: GivenMethod,
  edge: TrainedMethod,
  place: string,
): GraphMethod {
  const useless = [...OF_FEDERATION, 'publicAttacks' as const].find((field) => method[field] !== undefined);
  if (useless !== undefined) throw invalid(`no ${useless} beside a graph encoder in ${place}`, useless);
  if (method.encryption === true) {
    throw invalid(`encryption: false with a graph encoder, which no task names yet, in ${place}`, 'true');
  }
  const {
    solver: _solver,
    participation = 1,
    clipNorm = CLIP_NORM,
    rounds,
    ...training
  } = { ...GRAPH_TRAINING, ...file.training, ...method.training };
  if (participation < 1) {
    throw invalid(`all members in every round of a graph encoder in ${place}`, String(participation));
  }
  if (method.training?.solver === 'sgd') throw invalid(`solver: adam of a graph encoder in ${place}`, 'sgd');
  const { kind: _, layers, ...given } = method.model ?? {};
  if (layers !== undefined) throw invalid(`no layers beside a graph encoder in ${place}`, 'layers');
  const graph: GraphSettings = { ...GRAPH, ...given };
  if (graph.hidden === 0) throw invalid(`hidden values in the graph encoder of ${place}`, '0');
  if (edge.counting !== null && graph.fusion === 0) {
    throw invalid(`own features of a graph encoder without fusion in ${place}`, 'cross-organisation');
  }
  const { name, ...rest } = edge;
  const own = { rounds, clipNorm, training };
  return { kind: 'graph', name, ...variantIn(edge), graph, ...own, edge: { ...rest, encryption: false } };
}

/** The field that a deployment does not have, or null. */
export function simulatedOnly(method: TrainedMethod): string | null {
  if (method.publicAttacks !== null) return 'publicAttacks';
  if (method.attack !== null) return `attack ${method.attack.kind}`;
  if (method.aggregation !== null) return 'aggregation';
  if (method.privacy !== null) return 'privacy';
  if (method.partition !== null) return 'partition';
  if (method.participation < 1) return 'training.participation';
  return method.weighting === 'size' ? 'weighting: size' : null;
}

/** The usual weight where counts of others are there, and nothing where they are not. */
function evidenceOf({ features, evidence }: GivenMethod, place: string): number {
  if (features === 'cross-organisation') return evidence ?? EVIDENCE_WEIGHT;
  if (evidence === undefined) return 0;
  throw invalid(`evidence with features: cross-organisation alone in ${place}`, features ?? 'own');
}

/** What a vector beside the update, or a mean of another kind, would need another rule for. */
function checkOptimiser({ optimiser, aggregation, weighting, privacy }: TrainedMethod, place: string): void {
  const kind = optimiser?.kind;
  if (kind !== 'scaffold' && kind !== 'entente') return;
  const beside =
    (aggregation && 'aggregation') ?? (privacy && 'privacy') ?? (weighting === 'size' && 'weighting');
  if (beside) throw invalid(`another optimiser than ${kind} with ${beside} in ${place}`, kind);
}

function variantOf(file: ExperimentFile, method: GivenMethod): Variant {
  const { labels = 'own', features, counting, attack, unlabelled = null } = method;
  const coldStart = method.coldStart === undefined ? (file.coldStart ?? null) : method.coldStart;
  return {
    labels,
    counting: features === 'cross-organisation' ? { ...COUNTING, ...file.counting, ...counting } : null,
    coldStart,
    unlabelled,
    falseIncidents:
      attack?.kind === 'false-incidents'
        ? { members: attack.members, count: attack.count ?? FALSE_INCIDENTS }
        : null,
  };
}

/** Tracks that a method makes special. */
export function tracksNamed(method: Method): string[] {
  if (method.kind === 'best-of') return [];
  const { coldStart, unlabelled, falseIncidents } = method;
  const attack = method.kind === 'trained' ? method.attack : null;
  return [coldStart?.members, unlabelled, falseIncidents?.members, attack?.members].filter(
    (name) => name !== undefined && name !== null,
  );
}
