/**
 * Rounds as no deployment has them yet: members that poison their updates, noise for differential privacy, aggregation by
 * groups, weights by size. Training, clipping, rounding and the server's rule are those of the federation; with nothing
 * special the bits are those of `federatePlain`.
 */
import { quantiserOffset } from '../../models/detection/quantiser.ts';
import { FederatedModel, type FederatedState } from '../../models/federated/federated-model.ts';
import {
  localMethod,
  ownAfter,
  type RoundStart,
  sentUpdate,
  wholeWeights,
} from '../../models/federated/own-state.ts';
import { atOnce } from '../../models/in-steps.ts';
import { clipAndQuantise } from '../../participant/privatise/clip-and-quantise.ts';
import { roundingBits } from '../../participant/privatise/rounding-bits.ts';
import { localSteps } from '../../participant/train/local-round.ts';
import { labelledSeed } from '../../participant/train/seeded-stream.ts';
import type { TrainTask } from '../../protocol/task.ts';
import type { PoisonUpdate } from '../attacks/poisoned-update.ts';
import type { PlainHooks, PlainMember, PlainOutcome } from '../evaluate/federated-plain.ts';
import { type NoisePlan, noised } from './training-noise.ts';
import { type Aggregation, combine, groupsOf } from './robust.ts';

/** A member, and what is special about it. */
export interface SimulatedMember extends PlainMember {
  /** Changes its update before it is clipped. */
  readonly poison?: PoisonUpdate;
  /** What its clipped update is multiplied by, above 0 and at most 1. */
  readonly weight: number;
}

/** What of a round is no deployment's. */
export interface SimulatedRules {
  readonly aggregation: Aggregation | null;
  readonly noise: NoisePlan | null;
}

interface Contribution {
  readonly organisation: string;
  readonly values: Uint32Array;
  readonly own: Float32Array | null;
  readonly weight: number;
  readonly loss: number;
  readonly norm: number;
  readonly saturated: number;
}

/**
 * @param task with noise, its quantiser is that of the noised values
 * @throws as `federatePlain`
 */
export function trainSimulated(
  members: readonly SimulatedMember[],
  task: TrainTask,
  rules: SimulatedRules,
  { contributors, onRound }: PlainHooks = {},
): PlainOutcome {
  const federated = new FederatedModel(task, members.length);
  let state = federated.firstState();
  let kept: ReadonlyMap<string, Float32Array> = new Map();
  const startOf = (organisation: string): RoundStart => ({
    federated,
    state,
    own: kept.get(organisation) ?? null,
  });
  for (let round = 1; round <= task.rounds; round++) {
    const names = contributors?.(round);
    const those = names ? members.filter((member) => names.includes(member.organisation)) : members;
    if (those.length === 0) continue;
    const parts = those.map((member) =>
      contribution(member, startOf(member.organisation), task, rules.noise, round),
    );
    const sum = aggregate(parts, rules.aggregation, task, round);
    state = federated.next(state, sum, parts.length, round === task.rounds);
    kept = new Map([
      ...kept,
      ...parts.flatMap(({ organisation, own }) => (own ? [[organisation, own] as const] : [])),
    ]);
    onRound?.({
      round,
      contributors: those.map(({ organisation }) => organisation),
      sum,
      weights: state[0],
      weightsOf: wholeAt(federated, state, kept, task),
      loss: parts.reduce((total, { loss }) => total + loss / parts.length, 0),
      norms: parts.map(({ norm }) => norm),
      saturated: parts.reduce((total, { saturated }) => total + saturated, 0),
    });
  }
  return { federated, state, weightsOf: wholeAt(federated, state, kept, task) };
}

function wholeAt(
  federated: FederatedModel,
  state: FederatedState,
  kept: ReadonlyMap<string, Float32Array>,
  task: TrainTask,
): PlainOutcome['weightsOf'] {
  return (organisation) => wholeWeights({ federated, state, own: kept.get(organisation) ?? null }, task);
}

const untimed = (): number => 0;

function contribution(
  { organisation, site, seed, poison, weight }: SimulatedMember,
  start: RoundStart,
  task: TrainTask,
  noise: NoisePlan | null,
  round: number,
): Contribution {
  const weights = wholeWeights(start, task);
  const trained = atOnce(localSteps(weights, site, task, round, seed, untimed, localMethod(start, task)));
  const honest = sentUpdate(start, task, trained);
  const sent = poison?.(honest, round) ?? honest;
  const quantiser = noise?.quantiser ?? task.quantiser;
  const update = clipAndQuantise(
    start.federated.sent,
    weight === 1 ? sent : weighted(sent, quantiser.clipNorm, weight),
    quantiser,
    roundingBits(labelledSeed('rounding', seed, round)),
  );
  const exact = Uint32Array.from(update.values.read(0, sent.length));
  const own = ownAfter(start, task, trained.weights, update.values);
  update.values.erase();
  const values = noise === null ? exact : noised(exact, noise, seed, round);
  const { norm, saturated } = update;
  return { organisation, values, own, weight, loss: trained.loss, norm, saturated };
}

/** Clipped first: a weight is no way past the clipping. */
function weighted(delta: Float32Array, clipNorm: number, weight: number): Float32Array {
  const norm = Math.sqrt(delta.reduce((sum, value) => sum + value * value, 0));
  const factor = weight * (norm > clipNorm ? clipNorm / norm : 1);
  return delta.map((value) => factor * value);
}

/** The sum, or the whole numbers of the sum that would give the update which the rules make of the contributions. */
function aggregate(
  parts: readonly Contribution[],
  aggregation: Aggregation | null,
  { seed, quantiser }: TrainTask,
  round: number,
): Uint32Array {
  const isEqual = parts.every(({ weight }) => weight === 1);
  if (aggregation === null && isEqual) return sumOf(parts);
  const groups = aggregation === null ? [parts] : groupsOf(parts, aggregation.groups, seed, round);
  const means = groups.filter((group) => group.length > 0).map((group) => meanOf(group, quantiser));
  const update = combine(aggregation?.kind ?? 'median', means);
  const shift = quantiserOffset(quantiser);
  const most = parts.length * (2 ** quantiser.bits - 1);
  return Uint32Array.from(update, (value) => {
    const whole = Math.round(parts.length * (value + shift));
    return Math.min(most, Math.max(0, whole));
  });
}

function sumOf(parts: readonly Contribution[]): Uint32Array {
  const sum = new Uint32Array(parts[0]?.values.length ?? 0);
  for (const { values } of parts) {
    values.forEach((value, i) => {
      sum[i] = (sum[i] ?? 0) + value;
    });
  }
  return sum;
}

/** Weighted mean of the updates, in whole numbers' units. */
function meanOf(parts: readonly Contribution[], quantiser: TrainTask['quantiser']): Float64Array {
  const shift = parts.length * quantiserOffset(quantiser);
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  return Float64Array.from(sumOf(parts), (value) => (value - shift) / total);
}
