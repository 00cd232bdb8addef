import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CordonError } from '../../protocol/errors.ts';
import type { Child } from '../demo/processes.ts';
import type { MethodResult } from './method-result.ts';
import type { ExperimentData, Method } from './experiment.ts';
import { methodHash } from './hash.ts';
import { ALL, type Figure, measure } from './measure.ts';
import type { PreparedSites } from './sites.ts';
import { trainEncrypted } from './train-encrypted.ts';
import { trainPlain } from './train-method.ts';
import type { World } from './world.ts';

/** Where and on what a method is run. */
export interface MethodPlace {
  readonly data: ExperimentData;
  readonly seed: number;
  readonly world: World;
  readonly sites: PreparedSites;
  /** For files that are not kept. */
  readonly temporary: string;
  readonly commit: string;
}

export interface MethodHooks {
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
  /** Told of every process at its start. */
  readonly adopt: (child: Child) => void;
}

/**
 * One method with one seed: trained, where it is encrypted by the deployment as well, and evaluated.
 * @throws CordonError MODEL_MISMATCH where encryption changes the model; as `trainEncrypted`
 */
export async function runMethod(
  method: Method,
  place: MethodPlace,
  hooks: MethodHooks,
): Promise<MethodResult> {
  const { data, seed, world, sites, commit } = place;
  const started = performance.now();
  const trained = await trainPlain(method, sites, seed, hooks.signal);
  const encrypted = method.encryption ? await byDeployment(method, place, hooks, trained.modelHash) : null;
  return {
    version: 1,
    hash: methodHash(data, method),
    commit,
    seed,
    method: method.name,
    figures: measure(method, sites, encrypted ?? trained, world),
    modelHash: trained.modelHash,
    losses: [...trained.losses],
    curve: trained.checkpoints.map(({ round, weights }) => ({
      round,
      ...curvePoint(measure(method, sites, { weightsOf: () => weights }, world)),
    })),
    encrypted: encrypted?.cost ?? null,
    ms: Math.round(performance.now() - started),
  };
}

/** The weights that the deployment's participants end with, and what its rounds took. */
async function byDeployment(
  method: Method,
  { seed, world, sites, temporary }: MethodPlace,
  { say, signal, adopt }: MethodHooks,
  plainHash: string | null,
) {
  const folder = join(temporary, `${seed}-${method.name}`);
  const { weights, modelHash, reports } = await trainEncrypted(method, world, sites, seed, folder, {
    say,
    onState: ({ phase, step, steps }) => {
      if (phase !== 'idle' && !signal.aborted) say(`encrypted round ${step}/${steps}`);
    },
    adopt,
  });
  await rm(folder, { recursive: true, force: true });
  if (modelHash !== plainHash) {
    throw new CordonError('MODEL_MISMATCH', {
      expected: `the encrypted run of ${method.name} with seed ${seed} to end with model ${plainHash ?? ''}, as without encryption`,
      got: modelHash,
      next: 'report this with the experiment file: no figure of this run may be quoted',
    });
  }
  const mean = (of: (report: (typeof reports)[number]) => number) =>
    reports.reduce((sum, report) => sum + of(report), 0) / reports.length;
  const cost = {
    sameBits: true as const,
    rounds: reports.length,
    bytesUp: mean(({ bytesUp }) => bytesUp),
    bytesDown: mean(({ bytesDown }) => bytesDown),
    msRound: mean(({ ms }) => ms.total),
  };
  return { weightsOf: () => weights, cost };
}

function curvePoint(figures: readonly Figure[]) {
  const ofAll = (name: string) =>
    figures.find(({ member, metric }) => member === ALL && metric === name)?.value ?? null;
  return { ap: ofAll('ap'), memberRecall: ofAll('memberRecall') };
}
