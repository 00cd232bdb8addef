/**
 * The federation without encryption: the same local rounds, the same quantised vectors, a plain sum, the same update. An
 * encrypted run with the same seeds and contributors must end with the same bits.
 */
import {
  FederatedModel,
  type FederatedState,
  type FederatedTask,
} from '../../models/federated/federated-model.ts';
import { type RoundStart, wholeWeights } from '../../models/federated/own-state.ts';
import { type QuantisedRound, quantisedRound } from '../../participant/train/local-update.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import type { TrainTask } from '../../protocol/task.ts';

/** A member of the federation without encryption. */
export interface PlainMember {
  readonly organisation: string;
  readonly site: SiteData;
  /** The member's own seed, as its participant has it. */
  readonly seed: number | string;
}

/** One round as it happened: vectors are as long as what is summed. */
export interface PlainRound {
  readonly round: number;
  readonly contributors: readonly string[];
  readonly sum: Uint32Array;
  /** The shared weights after it, and the whole model at a member, whose head may be its own. */
  readonly weights: Float32Array;
  readonly weightsOf: (organisation: string) => Float32Array;
  /** Mean over the contributors. */
  readonly loss: number;
  /** L2 norm of each update before clipping. */
  readonly norms: readonly number[];
  readonly saturated: number;
}

/** Looks into, and steers, a plaintext run. */
export interface PlainHooks {
  /** Who contributed to a round (1, 2, ...); everybody where left out. A round without contributors changes nothing. */
  readonly contributors?: (round: number) => readonly string[];
  readonly onRound?: (round: PlainRound) => void;
}

/** Nothing is measured here: the costs of a round are told of the encrypted run. */
const untimed = (): number => 0;

/** What a plaintext run ends with. */
export interface PlainOutcome {
  readonly federated: FederatedModel;
  readonly state: FederatedState;
  /** The whole model at a member. */
  readonly weightsOf: (organisation: string) => Float32Array;
}

/** Final shared weights. Throws as `federatePlain`. */
export function trainFederatedPlain(...args: Parameters<typeof federatePlain>): Float32Array {
  return federatePlain(...args).state[0];
}

/** Throws what `localSteps`, `clipAndQuantise` and `FederatedModel.next` throw. */
export function federatePlain(
  members: readonly PlainMember[],
  task: TrainTask,
  hooks: PlainHooks = {},
): PlainOutcome {
  const train = (start: RoundStart, { site, seed }: PlainMember, round: number): QuantisedRound =>
    quantisedRound(start, site, task, round, seed, untimed);
  return federateRounds(members, task, train, hooks);
}

/**
 * The rounds of any kind of model.
 * @param train one member's part of a round
 * @throws what `train` and `FederatedModel.next` throw
 */
export function federateRounds<Member extends Pick<PlainMember, 'organisation'>>(
  members: readonly Member[],
  task: FederatedTask & { readonly rounds: number },
  train: (start: RoundStart, member: Member, round: number) => QuantisedRound,
  hooks: PlainHooks = {},
): PlainOutcome {
  const federated = new FederatedModel(task, members.length);
  let state = federated.firstState();
  let kept: ReadonlyMap<string, Float32Array> = new Map();
  for (let round = 1; round <= task.rounds; round++) {
    const names = hooks.contributors?.(round);
    const contributors = names ? members.filter((m) => names.includes(m.organisation)) : members;
    if (contributors.length === 0) continue;
    const sum = new Uint32Array(federated.sent.length);
    const norms: number[] = [];
    let [loss, saturated] = [0, 0];
    const after = new Map(kept);
    for (const member of contributors) {
      const { organisation } = member;
      const start = { federated, state, own: kept.get(organisation) ?? null };
      const quantised = train(start, member, round);
      quantised.values.read(0, sum.length).forEach((value, i) => {
        sum[i] = (sum[i] ?? 0) + value;
      });
      if (quantised.own) after.set(organisation, quantised.own);
      norms.push(quantised.norm);
      loss += quantised.trained.loss / contributors.length;
      saturated += quantised.saturated;
    }
    state = federated.next(state, sum, contributors.length, round === task.rounds);
    kept = after;
    const [weights] = state;
    const weightsOf = wholeAt({ federated, state }, kept, task);
    const who = contributors.map(({ organisation }) => organisation);
    hooks.onRound?.({ round, contributors: who, sum, weights, weightsOf, loss, norms, saturated });
  }
  return { federated, state, weightsOf: wholeAt({ federated, state }, kept, task) };
}

/** Whole models as they are now, whatever comes after. */
function wholeAt(
  start: Omit<RoundStart, 'own'>,
  kept: ReadonlyMap<string, Float32Array>,
  task: FederatedTask,
): (organisation: string) => Float32Array {
  return (organisation) => wholeWeights({ ...start, own: kept.get(organisation) ?? null }, task);
}
