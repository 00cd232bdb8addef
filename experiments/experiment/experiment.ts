import type { AttackKind } from '../attacks/attack.ts';
import type { Dealing } from '../partition/deal.ts';
import type { RowLabel } from '../partition/deal-rows.ts';
import type { Scenario } from '../../datasets/simulator/scenario/schema.ts';
import { STATISTICS } from '../../models/analytics/count-sketch.ts';
import type { LayerChoice } from '../../models/detection/layered-architecture.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { bitsNeeded } from '../../models/analytics/sketch-answer.ts';
import type { UntrainedRule } from '../evaluate/untrained.ts';
import type { GraphEncoderChoice } from '../../models/detection/graph-encoder-model.ts';
import type { GraphTask } from '../../participant/graph/train-graph.ts';
import type { CountSketchTask, TrainTask } from '../../protocol/task.ts';
import type { Program } from './program/program-method.ts';
import type { GivenFile, RecordedData } from './recorded/recorded-data.ts';
import type { Aggregation } from './robust.ts';
import type { TrainingPrivacy } from './training-noise.ts';

/** An experiment with every default filled in: all that decides its figures, beside the software. */
export interface Experiment {
  readonly name: string;
  readonly title: string;
  readonly data: ExperimentData;
  readonly tracks: readonly Track[];
  /** Real recordings that are scored as well; null for none. */
  readonly recordings: GivenRecordings | null;
  readonly seeds: readonly number[];
  readonly methods: readonly Method[];
  readonly compare: readonly (readonly [string, string])[];
}

/** Simulated organisations, or recordings of a real network divided into members. */
export type ExperimentData = SimulatedData | RecordedData;

/** The simulator's options without its seed. */
export interface SimulatedData {
  readonly kind: 'simulator';
  readonly orgs: number;
  readonly hosts: number;
  readonly accounts: number;
  readonly days: number;
  readonly trainDays: number;
  /** In full, so that nothing else is needed to make the same world again. */
  readonly scenarios: readonly Scenario[];
}

/** Folders of recordings. */
export interface GivenRecordings {
  readonly mordor?: GivenFile;
  readonly evtx?: GivenFile;
}

/** A set of members: by name, or so many of the largest, of the smallest, or drawn by the seed. */
export interface Track {
  readonly name: string;
  readonly of: { readonly members: readonly string[] } | { readonly take: Take; readonly count: number };
}
export type Take = 'largest' | 'smallest' | 'random';

/** What decides the rows of a member beside its logs. Members are named by their track. */
export interface Variant {
  readonly labels: 'own' | 'all' | 'none';
  /** How members count together; null where each has its own features alone. */
  readonly counting: Counting | null;
  /** Members that have joined so many days before the end of the training time, without labels. */
  readonly coldStart: { readonly members: string; readonly days: number } | null;
  /** Members without labels. */
  readonly unlabelled: string | null;
  /** Members whose list of incidents names so many benign logons, and no malicious one. */
  readonly falseIncidents: { readonly members: string; readonly count: number } | null;
}

/** The part of a method that decides its rows; methods with an equal one share them. */
export function variantOf({ labels, counting, coldStart, unlabelled, falseIncidents }: Variant): Variant {
  return { labels, counting, coldStart, unlabelled, falseIncidents };
}

/** Members that poison the federation by their rows or updates; by their files it is part of the variant. */
export interface Attack {
  readonly kind: Exclude<AttackKind, 'false-incidents'>;
  readonly members: string;
  readonly factor: number;
}

/** As in the schema. */
export interface Counting {
  readonly interval: 600 | 3600 | 86_400;
  readonly floor: number;
  readonly noise: number;
}

interface Named {
  readonly name: string;
}

/** The built-in scorer by its hidden units, or layers of one's own. */
export type ModelChoice = { readonly hidden: number } | { readonly layers: readonly LayerChoice[] };

/** A model that is trained. */
export type TrainedMethod = TrainedSettings & ModelChoice;

export interface TrainedSettings extends Named, Variant {
  readonly kind: 'trained';
  readonly weights: 'local' | 'federated' | 'pooled';
  /** Scenarios of another world whose attacks are learnt from as if they were own incidents; null for none. */
  readonly publicAttacks: readonly Scenario[] | null;
  /** Weight of what others have seen beside a model of own features; 0 where there is nothing beside the model. */
  readonly evidence: number;
  /** Only of federated weights. */
  readonly encryption: boolean;
  readonly attack: Attack | null;
  /** In place of the mean; null for that. */
  readonly aggregation: Aggregation | null;
  readonly weighting: 'equal' | 'size';
  readonly privacy: TrainingPrivacy | null;
  /** Training rows of all organisations dealt out anew; null where each has its own. */
  readonly partition: { readonly dealing: Dealing; readonly by: RowLabel } | null;
  /** Share of the members that take part in a round. */
  readonly participation: number;
  readonly clipNorm: number;
  readonly rounds: number;
  readonly training: TrainTask['training'];
  /** Only of federated weights; federated averaging where left out. */
  readonly optimiser?: NonNullable<TrainTask['optimiser']>;
  readonly personal?: NonNullable<TrainTask['personal']>;
}

/** What a graph encoder is like, as in the schema. */
export interface GraphSettings extends Pick<GraphEncoderChoice, 'hidden' | 'state' | 'decoder' | 'judges'> {
  readonly windowSeconds: number;
  readonly windows: number;
  readonly stretches: number;
  readonly fusion: number;
}

/** A graph encoder, trained by rounds without encryption, alone or on all graphs in one place. */
export interface GraphMethod extends Named, Variant {
  readonly kind: 'graph';
  readonly graph: GraphSettings;
  readonly rounds: number;
  readonly clipNorm: number;
  readonly training: TrainTask['training'];
  /** Whose weights are trained in the same way, and the edge scorer whose score is fused with it. */
  readonly edge: Omit<TrainedSettings, 'name'> & ModelChoice;
}

/** Scores straight from the columns of the rows. */
export interface RuleMethod extends Named, Variant {
  readonly kind: 'rule';
  readonly rule: UntrainedRule;
}

/** Scores of somebody's own program. */
export interface ProgramMethod extends Named, Variant, Program {
  readonly kind: 'program';
}

/** What is run on the data of a seed. */
export type RunMethod = TrainedMethod | GraphMethod | RuleMethod | ProgramMethod;

/** Of other methods the one that serves each member best: worked out from their figures. */
export interface BestOfMethod extends Named {
  readonly kind: 'best-of';
  readonly of: readonly string[];
}

export type Method = RunMethod | BestOfMethod;

/** Those that have results of their own. */
export function runMethods({ methods }: Pick<Experiment, 'methods'>): RunMethod[] {
  return methods.filter((method) => method.kind !== 'best-of');
}

/** Days of event time, the last one begun. */
export function daysOf(data: ExperimentData): number {
  return data.kind === 'simulator' ? data.days : Math.ceil(data.until / DAY_MS);
}

/** Whole days that train; null where the events have a calendar, and their first day is not known beforehand. */
export function trainDaysOf(data: ExperimentData): number | null {
  if (data.kind === 'simulator') return data.trainDays;
  return data.kind === 'lanl2015' ? data.trainUntil / DAY_MS : null;
}

/** Whether any method trains a backdoor: every method is then measured with its trigger too. */
export function hasBackdoor({ methods }: Pick<Experiment, 'methods'>): boolean {
  return methods.some((method) => method.kind === 'trained' && method.attack?.kind === 'backdoor-edge');
}

/** Rarely reached: a round that somebody misses ends the experiment, because it could not be repeated. */
const DEADLINES = { advertiseSeconds: 120, collectSeconds: 1800, graceSeconds: 60, openSeconds: 300 };

function modelOf(method: TrainedMethod): TrainTask['model'] {
  const features = method.counting === null || method.evidence > 0 ? 'edge-v1' : 'edge-v2';
  return 'layers' in method
    ? { kind: 'layers', features, layers: [...method.layers] }
    : { kind: 'edge-scorer', features, hidden: method.hidden };
}

/** The method's task in a world of this seed. */
export function trainTask(method: TrainedMethod, seed: number): TrainTask {
  return {
    kind: 'train-edge-scorer',
    name: method.name,
    rounds: method.rounds,
    seed,
    model: modelOf(method),
    training: method.training,
    ...(method.optimiser && { optimiser: method.optimiser }),
    ...(method.personal && { personal: method.personal }),
    quantiser: { clipNorm: method.clipNorm, bits: 16, layout: '3x26' },
    kMin: 3,
    deadlines: DEADLINES,
  };
}

/** The same of a graph encoder, which no deployment trains. */
export function graphTask({ graph, rounds, clipNorm, training }: GraphMethod, seed: number): GraphTask {
  const { hidden, state, decoder, judges, windows, stretches } = graph;
  return {
    rounds,
    seed,
    model: { kind: 'graph-encoder', features: 'graph-v1', hidden, state, decoder, judges },
    training: { ...training, windows, stretches },
    quantiser: { clipNorm, bits: 16, layout: '3x26' },
  };
}

/** Probability for which an epsilon need not hold. */
const DELTA = 1e-6;

/** The sketch task over the whole time of the data. */
export function countingTask({ interval, floor, noise: sigma }: Counting, days: number): CountSketchTask {
  const sketch = { width: 4096, depth: 3, statistics: [...STATISTICS], cap: 4, sources: 3 };
  const noise =
    sigma === 0 ? null : ({ mechanism: 'discrete-gaussian', sigma, shares: 2, delta: DELTA } as const);
  return {
    kind: 'count-sketch',
    name: 'cross-organisation',
    rounds: (days * 86_400) / interval,
    pace: 'replay',
    period: { seconds: interval, first: 0, delaySeconds: 120 },
    sketch,
    noise,
    floor,
    encoding: { bits: bitsNeeded(sketch, noise), layout: '3x26' },
    kMin: 3,
    deadlines: DEADLINES,
  };
}
