import type { Dealing } from '../partition/deal.ts';
import { sketchPrivacy } from '../../models/analytics/sketch-privacy.ts';
import {
  type GraphMethod,
  type Method,
  type ModelChoice,
  type RunMethod,
  type TrainedMethod,
  type Variant,
  countingTask,
} from './experiment.ts';

/** What tables say of a method: scores, features, labels, training, what is special, epsilon. */
export function methodText(method: Method, days: number): string[] {
  if (method.kind === 'best-of')
    return [`best of ${method.of.join(', ')} for each member`, '', '', '', '', ''];
  const { counting, labels } = method;
  const features =
    counting === null
      ? 'own'
      : `cross-organisation, every ${counting.interval} s, floor ${counting.floor}, noise ${counting.noise}`;
  if (method.kind === 'rule')
    return [method.rule, features, labels, '', specialText(method), epsilonText(method, days)];
  if (method.kind === 'graph') return graphText(method, features, days);
  if (method.kind === 'program') {
    const { per, command, files } = method;
    const hashes = files.map(({ file, sha256 }) => `${file} ${sha256.slice(0, 16)}`).join(', ');
    return [
      `program, ${per === 'all' ? 'rows of all at once' : 'member by member'}: ${command.join(' ')}`,
      features,
      labels,
      `sha256 ${hashes}`,
      specialText(method),
      epsilonText(method, days),
    ];
  }
  const { weights, encryption, publicAttacks, rounds, training, evidence } = method;
  const { steps, batch, learningRate, corrupted } = training;
  const from = publicAttacks?.map(({ scenario }) => scenario).join(', ');
  return [
    weights === 'federated' ? `federated, ${encryption ? 'encrypted' : 'not encrypted'}` : weights,
    counting === null
      ? features
      : `${features}, ${evidence === 0 ? 'seen by the model' : `evidence beside the model, weight ${evidence}`}`,
    from === undefined ? labels : `${labels}, and public attacks: ${from}`,
    `${rounds} rounds of ${steps} steps of ${batch}, ${training.solver ?? 'adam'} ${learningRate}, corrupted ${corrupted}, ${modelText(method)}`,
    specialText(method),
    epsilonText(method, days),
  ];
}

function graphText(method: GraphMethod, features: string, days: number): string[] {
  const { graph, edge, rounds, training, labels } = method;
  const { windowSeconds, windows, stretches, fusion, hidden, state, decoder, judges } = graph;
  const { steps, batch, learningRate, corrupted } = training;
  const beside = fusion === 0 ? '' : `, fused by ${fusion} with the edge scorer (${modelText(edge)})`;
  return [
    `${edge.weights}, graph encoder by the states ${judges} a window${beside}, not encrypted`,
    `windows of ${windowSeconds} s${fusion === 0 ? '' : `; ${features}`}`,
    labels,
    `${rounds} rounds of ${steps} steps of ${batch} edges in ${stretches} stretches of ${windows} windows, adam ${learningRate}, corrupted ${corrupted}, hidden ${hidden}, state ${state}, decoder ${decoder}`,
    specialText(method),
    epsilonText(method, days),
  ];
}

/** For example `hidden 16`, or `layers 12 tanh, 1 linear`. */
function modelText(method: ModelChoice): string {
  if (!('layers' in method)) return `hidden ${method.hidden}`;
  return `layers ${method.layers.map(({ units, activation }) => `${units} ${activation}`).join(', ')}`;
}

/** Members that are special, and what is simulated. */
function specialText(method: RunMethod): string {
  const { coldStart, unlabelled, falseIncidents } = method;
  const texts: string[] = [];
  if (coldStart !== null) {
    texts.push(`${coldStart.members} joined ${coldStart.days} training days before the end, without labels`);
  }
  if (unlabelled !== null) texts.push(`${unlabelled} without labels`);
  if (falseIncidents !== null) {
    texts.push(`${falseIncidents.members} label up to ${falseIncidents.count} benign logons as incidents`);
  }
  if (method.kind === 'trained') texts.push(...federationTexts(method));
  return texts.join('; ');
}

function dealingText(dealing: Dealing): string {
  switch (dealing.kind) {
    case 'dirichlet':
      return `rows dealt by Dirichlet, alpha ${dealing.alpha},`;
    case 'pathological':
      return `rows dealt with ${dealing.labels} labels each,`;
    case 'shards':
      return `rows dealt in ${dealing.shards} shards each`;
    default:
      return `rows dealt: ${dealing.kind}`;
  }
}

function federationTexts({
  attack,
  aggregation,
  weighting,
  privacy,
  partition,
  participation,
  clipNorm,
  weights,
}: TrainedMethod): string[] {
  if (weights !== 'federated') return [];
  return [
    ...(attack === null
      ? []
      : [`${attack.members} poison: ${attack.kind}${attack.factor === 1 ? '' : ` x${attack.factor}`}`]),
    ...(aggregation === null ? [] : [`${aggregation.kind} of ${aggregation.groups} groups (simulated)`]),
    ...(weighting === 'size' ? ['updates count by size (simulated)'] : []),
    ...(privacy === null
      ? []
      : [
          `epsilon ${privacy.epsilon} over all rounds (delta ${privacy.delta}, unit ${privacy.unit}, enough noise of ${privacy.atLeast - privacy.colluding} honest members; simulated)`,
        ]),
    ...(partition === null ? [] : [`${dealingText(partition.dealing)} by ${partition.by} (simulated)`]),
    ...(participation < 1 ? [`${participation} of the members a round (simulated)`] : []),
    `clip norm ${clipNorm}`,
  ];
}

function epsilonText({ counting }: Variant, days: number): string {
  if (counting === null) return '';
  const task = countingTask(counting, days);
  if (task.noise === null) return 'no bound: exact sums';
  const { periodEpsilon, yearEpsilon } = sketchPrivacy(task, task.noise.delta);
  return `${periodEpsilon.toFixed(2)}, ${yearEpsilon.toFixed(0)} (delta ${task.noise.delta})`;
}
