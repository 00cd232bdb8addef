/**
 * The federation without encryption: the same local rounds, the same quantised vectors, a plain sum, the same update. An
 * encrypted run with the same seeds and contributors must end with the same bits.
 */
import { FederatedModel } from '../../models/federated/federated-model.ts';
import { quantisedRound } from '../../participant/train/local-update.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import type { TrainTask } from '../../protocol/task.ts';

/** A member of the federation without encryption. */
export interface PlainMember {
  readonly organisation: string;
  readonly site: SiteData;
  /** The member's own seed, as its participant has it. */
  readonly seed: number | string;
}

/** One round as it happened: vectors are as long as the model. */
export interface PlainRound {
  readonly round: number;
  readonly contributors: readonly string[];
  readonly sum: Uint32Array;
  readonly weights: Float32Array;
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

/** Final weights. Throws what `localSteps`, `clipAndQuantise` and `FederatedModel.next` throw. */
export function trainFederatedPlain(
  members: readonly PlainMember[],
  task: TrainTask,
  hooks: PlainHooks = {},
): Float32Array {
  const federated = new FederatedModel(task);
  let state = federated.firstState();
  for (let round = 1; round <= task.rounds; round++) {
    const names = hooks.contributors?.(round);
    const contributors = names ? members.filter((m) => names.includes(m.organisation)) : members;
    if (contributors.length === 0) continue;
    const sum = new Uint32Array(federated.shape.length);
    const norms: number[] = [];
    let [loss, saturated] = [0, 0];
    for (const { site, seed } of contributors) {
      const quantised = quantisedRound({ federated, state }, site, task, round, seed, untimed);
      quantised.values.read(0, sum.length).forEach((value, i) => {
        sum[i] = (sum[i] ?? 0) + value;
      });
      norms.push(quantised.norm);
      loss += quantised.trained.loss / contributors.length;
      saturated += quantised.saturated;
    }
    state = federated.next(state, sum, contributors.length, round === task.rounds);
    const [weights] = state;
    const who = contributors.map(({ organisation }) => organisation);
    hooks.onRound?.({ round, contributors: who, sum, weights, loss, norms, saturated });
  }
  return state[0];
}
