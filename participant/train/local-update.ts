import { setImmediate } from 'node:timers/promises';
import { roundingBits } from '../privatise/rounding-bits.ts';
import { clipAndQuantise, type QuantisedUpdate } from '../privatise/clip-and-quantise.ts';
import { type InSteps, atOnce } from '../../models/in-steps.ts';
import {
  localMethod,
  ownAfter,
  type RoundStart,
  sentUpdate,
  wholeWeights,
} from '../../models/federated/own-state.ts';
import type { TrainTask } from '../../protocol/task.ts';
import { type LocalUpdate, localSteps } from './local-round.ts';
import type { SiteData } from './site-data.ts';
import { labelledSeed } from './seeded-stream.ts';

/** A member's vector for one round, with the training it came from. */
export interface QuantisedRound extends QuantisedUpdate {
  readonly trained: LocalUpdate;
  /** What the member keeps to itself once this vector is in the sum; null where it keeps nothing. */
  readonly own: Float32Array | null;
  /** Milliseconds that clipping and rounding took. */
  readonly quantiseMs: number;
}

/**
 * One member's part of a round up to the encryption: train, clip, quantise. Deployment and the plaintext run of the
 * experiments call this same function, so that the same seed gives the same whole numbers.
 * @param round the consortium's number of the round. It is never used twice, so no update is made twice either: two sums
 *   of the same updates over different cohorts would give away the difference, one member's update.
 * @param seed the member's own
 * @param elapsed milliseconds of a clock that never goes back; measures, decides nothing
 * @throws ModelError as `localSteps`, CordonError as `clipAndQuantise`
 */
export function quantisedRound(...args: Parameters<typeof roundSteps>): QuantisedRound {
  return atOnce(roundSteps(...args));
}

/** As `quantisedRound`, but it lets the process answer its connections while it trains. */
export async function quantisedRoundInTurns(...args: Parameters<typeof roundSteps>): Promise<QuantisedRound> {
  const elapsed = args[5];
  const steps = roundSteps(...args);
  for (let since = elapsed(); ;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (elapsed() - since < TURN_MS) continue;
    await setImmediate();
    since = elapsed();
  }
}

/** Trains without a pause for at most about so long; a link that is silent for seconds is taken for dead. */
const TURN_MS = 50;

function* roundSteps(
  start: RoundStart,
  site: SiteData,
  task: TrainTask,
  round: number,
  seed: number | string,
  elapsed: () => number,
): InSteps<QuantisedRound> {
  const weights = wholeWeights(start, task);
  const trained = yield* localSteps(weights, site, task, round, seed, elapsed, localMethod(start, task));
  return quantisedTraining(start, task, round, seed, trained, elapsed);
}

/** A member's training as it is summed: what is sent of it, clipped and rounded. Throws CordonError as `clipAndQuantise`. */
export function quantisedTraining(
  start: RoundStart,
  task: Pick<TrainTask, 'seed' | 'training' | 'quantiser'>,
  round: number,
  seed: number | string,
  trained: LocalUpdate,
  elapsed: () => number,
): QuantisedRound {
  const started = elapsed();
  const delta = sentUpdate(start, task, trained);
  const roundingSeed = labelledSeed('rounding', seed, round);
  const rounding = roundingBits(roundingSeed);
  roundingSeed.fill(0);
  const update = clipAndQuantise(start.federated.sent, delta, task.quantiser, rounding);
  const own = ownAfter(start, task, trained.weights, update.values);
  return { ...update, trained, own, quantiseMs: elapsed() - started };
}
