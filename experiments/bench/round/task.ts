import { weightCount } from '../../../models/detection/architecture.ts';
import { edgeScorer } from '../../../models/detection/feature-sets.ts';
import { DEFAULT_POLICY, type SitePolicy } from '../../../participant/federation/site-policy.ts';
import type { TrainTask } from '../../../protocol/task.ts';

/** What differs between the measured jobs. */
export interface JobSize {
  readonly rounds: number;
  /** Units of the hidden layer: 38 weights each. */
  readonly hidden: number;
  /** Rows of a local step. */
  readonly batch: number;
}

/** Five local steps a round, as the smallest that a default site policy allows. */
const STEPS = 5;

/** The task of a measured job; everything that is not named is as in the demo. */
export function benchTask({ rounds, hidden, batch }: JobSize, seed: number): TrainTask {
  return {
    kind: 'train-edge-scorer',
    name: 'bench-round',
    rounds,
    seed,
    model: { kind: 'edge-scorer', features: 'edge-v1', hidden },
    training: { steps: STEPS, batch, learningRate: 0.001, corrupted: 0.1 },
    quantiser: { clipNorm: 4, bits: 16, layout: '3x26' },
    kMin: 3,
    deadlines: { advertiseSeconds: 60, collectSeconds: 600, graceSeconds: 60, openSeconds: 600 },
  };
}

/** A site that lets every measured job run. */
export const BENCH_POLICY: SitePolicy = {
  ...DEFAULT_POLICY,
  mostRounds: 100_000,
  mostContributions: 1_000_000,
  mostHidden: 65_536,
};

/** A job as a reader of the table must know it. */
export function inWords({ rounds, hidden, batch }: JobSize, members: number): string {
  const weights = weightCount(edgeScorer({ features: 'edge-v1', hidden }));
  return `${rounds} rounds of ${members} members, ${weights} weights, ${STEPS} local steps of batch ${batch}`;
}
