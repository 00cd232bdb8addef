import { setImmediate } from 'node:timers/promises';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { edgeScorer } from '../../models/detection/feature-sets.ts';
import { modelHash } from '../../models/detection/model-hash.ts';
import { memberSeed } from '../demo/member-seed.ts';
import { trainLocalOnly, trainPooled } from '../evaluate/baselines.ts';
import { trainFederatedPlain } from '../evaluate/federated-plain.ts';
import { type Method, trainTask } from './experiment.ts';
import type { PreparedSites } from './sites.ts';

/** What training left. */
export interface TrainedWeights {
  readonly weightsOf: (member: string) => Float32Array;
  /** SHA-256 of the one model, as its file in a deployment has it; null where every member has its own. */
  readonly modelHash: string | null;
  /** Mean loss over the members, round by round; empty where there are no rounds. */
  readonly losses: readonly number[];
  /** The model after some of the rounds; empty where there are none. */
  readonly checkpoints: readonly { readonly round: number; readonly weights: Float32Array }[];
}

/** After so many rounds a curve has a point, and after the last. */
function isCheckpoint(round: number, rounds: number): boolean {
  return round === rounds || /^[125]0*$/.test(String(round));
}

/** Trains a method's weights in this process, without encryption. */
export async function trainPlain(
  method: Method,
  { sites }: PreparedSites,
  seed: number,
  signal: AbortSignal,
): Promise<TrainedWeights> {
  const task = trainTask(method, seed);
  if (method.weights === 'local') {
    const own = new Map<string, Float32Array>();
    for (const [member, site] of sites) {
      // Between two trainings a signal of the terminal comes through.
      await setImmediate();
      signal.throwIfAborted();
      own.set(member, trainLocalOnly(site, task, memberSeed(seed, member)));
    }
    return {
      weightsOf: (member) => own.get(member) ?? new Float32Array(),
      modelHash: null,
      losses: [],
      checkpoints: [],
    };
  }
  const losses: number[] = [];
  const checkpoints: { round: number; weights: Float32Array }[] = [];
  const weights =
    method.weights === 'pooled'
      ? trainPooled([...sites.values()], task)
      : trainFederatedPlain(
          [...sites].map(([organisation, site]) => ({
            organisation,
            site,
            seed: memberSeed(seed, organisation),
          })),
          task,
          {
            onRound: ({ round, loss, weights: now }) => {
              losses.push(loss);
              if (isCheckpoint(round, task.rounds)) checkpoints.push({ round, weights: now });
            },
          },
        );
  const hash = modelHash(nodePrimitives.sha256, edgeScorer(task.model), weights);
  return { weightsOf: () => weights, modelHash: hash, losses, checkpoints };
}
