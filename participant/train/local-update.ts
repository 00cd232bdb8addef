import { roundingBits } from '../privatise/rounding-bits.ts';
import { clipAndQuantise, type QuantisedUpdate } from '../privatise/clip-and-quantise.ts';
import { edgeScorer } from '../../models/detection/feature-sets.ts';
import type { Task } from '../../protocol/task.ts';
import { type LocalUpdate, localRound } from './local-round.ts';
import type { SiteData } from './prepare-site.ts';
import { labelledSeed } from './seeded-stream.ts';

/** A member's vector for one round, with the training it came from. */
export interface QuantisedRound extends QuantisedUpdate {
  readonly trained: LocalUpdate;
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
 * @throws ModelError as `localRound`, CordonError as `clipAndQuantise`
 */
export function quantisedRound(
  weights: Float32Array,
  site: SiteData,
  task: Task,
  round: number,
  seed: number | string,
  elapsed: () => number,
): QuantisedRound {
  const trained = localRound(weights, site, task, round, seed, elapsed);
  const started = elapsed();
  const roundingSeed = labelledSeed('rounding', seed, round);
  const rounding = roundingBits(roundingSeed);
  roundingSeed.fill(0);
  const update = clipAndQuantise(edgeScorer(task.model), trained.delta, task.quantiser, rounding);
  return { ...update, trained, quantiseMs: elapsed() - started };
}
