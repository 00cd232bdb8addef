import { setImmediate } from 'node:timers/promises';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { modelHash } from '../../models/detection/model-hash.ts';
import { architectureOf } from '../../models/detection/models.ts';
import { memberSeed } from '../demo/member-seed.ts';
import { dealRows } from '../partition/deal-rows.ts';
import { trainLocalOnly, trainPooled, withAttacks } from '../evaluate/baselines.ts';
import { publicAttacks } from '../evaluate/public-attacks.ts';
import { type ExperimentData, type TrainedMethod, trainTask } from './experiment.ts';
import type { PreparedSites } from './sites.ts';
import type { TrackMembers } from './tracks.ts';
import { trainTogether } from './train-together.ts';

/** What training left. */
export interface TrainedWeights {
  readonly weightsOf: (member: string) => Float32Array;
  /** SHA-256 of the one model, or of what all share of it, as a deployment has it; null where every member has its own. */
  readonly modelHash: string | null;
  /** Mean loss over the members, round by round; empty where there are no rounds. */
  readonly losses: readonly number[];
  /** The model after some of the rounds; empty where there are none. */
  readonly checkpoints: readonly {
    readonly round: number;
    readonly weightsOf: (member: string) => Float32Array;
  }[];
}

/** After so many rounds a curve has a point, and after the last. */
export function isCheckpoint(round: number, rounds: number): boolean {
  return round === rounds || /^[125]0*$/.test(String(round));
}

/** What training needs beside the rows; public attacks come from a world of the same size with another seed. */
export interface TrainPlace {
  readonly data: ExperimentData;
  /** To be made. */
  readonly folder: string;
  readonly tracks: ReadonlyMap<string, TrackMembers>;
}

const OTHER_WORLD = 2 ** 31;

/** Trains a method's weights in this process, without encryption. */
export async function trainPlain(
  method: TrainedMethod,
  { sites: own }: PreparedSites,
  seed: number,
  place: TrainPlace,
  signal: AbortSignal,
): Promise<TrainedWeights> {
  const task = trainTask(method, seed);
  const dealt =
    method.partition === null ? own : dealRows(own, method.partition.dealing, method.partition.by, seed);
  const sites = await withPublicAttacks(method, dealt, seed, place, signal);
  if (method.weights === 'local') {
    const alone = new Map<string, Float32Array>();
    for (const [member, site] of sites) {
      // Between two trainings a signal of the terminal comes through.
      await setImmediate();
      signal.throwIfAborted();
      alone.set(member, trainLocalOnly(site, task, memberSeed(seed, member)));
    }
    return {
      weightsOf: (member) => alone.get(member) ?? new Float32Array(),
      modelHash: null,
      losses: [],
      checkpoints: [],
    };
  }
  if (method.weights === 'pooled') {
    const weights = trainPooled([...sites.values()], task);
    const hash = modelHash(nodePrimitives.sha256, architectureOf(task.model), weights);
    return { weightsOf: () => weights, modelHash: hash, losses: [], checkpoints: [] };
  }
  const losses: number[] = [];
  const checkpoints: TrainedWeights['checkpoints'][number][] = [];
  const { federated, state, weightsOf } = trainTogether(method, sites, seed, place.tracks, {
    onRound: ({ round, loss, weightsOf: now }) => {
      losses.push(loss);
      if (isCheckpoint(round, task.rounds)) checkpoints.push({ round, weightsOf: now });
    },
  });
  return { weightsOf, modelHash: federated.hash(nodePrimitives.sha256, state), losses, checkpoints };
}

async function withPublicAttacks(
  { publicAttacks: scenarios }: TrainedMethod,
  sites: PreparedSites['sites'],
  seed: number,
  { data, folder }: TrainPlace,
  signal: AbortSignal,
): Promise<PreparedSites['sites']> {
  if (scenarios === null || data.kind !== 'simulator') return sites;
  const { kind: _, ...size } = data;
  const other = { ...size, scenarios, seed: (seed + OTHER_WORLD) % 2 ** 32, compression: 'none' as const };
  const attacks = await publicAttacks({ options: other, evaluated: seed, directory: folder, signal });
  return new Map([...sites].map(([member, site]) => [member, withAttacks(site, attacks)]));
}
