import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { architectureOf } from '../../models/detection/models.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { Child } from '../demo/processes.ts';
import { scoresByWeights } from '../evaluate/evaluate.ts';
import type { FramedWorld } from '../evaluate/framed-members.ts';
import { scoresByRule } from '../evaluate/untrained.ts';
import type { MethodResult } from './method-result.ts';
import { type ExperimentData, type RunMethod, type TrainedMethod, trainTask } from './experiment.ts';
import { methodHash } from './hash.ts';
import { keepModels } from './keep-models.ts';
import { measure, overAll } from './measure.ts';
import type { PreparedSites } from './sites.ts';
import { trainEncrypted } from './train-encrypted.ts';
import { trainPlain, type TrainedWeights } from './train-method.ts';
import type { World } from './world.ts';

/** Where and on what a method is run. */
export interface MethodPlace {
  readonly data: ExperimentData;
  readonly seed: number;
  readonly world: World;
  readonly sites: PreparedSites;
  /** The sites' events with the truth. */
  readonly framed: FramedWorld;
  /** Folder of the results. */
  readonly out: string;
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
  method: RunMethod,
  place: MethodPlace,
  hooks: MethodHooks,
): Promise<MethodResult> {
  const { data, seed, framed, commit } = place;
  const started = performance.now();
  const scored =
    method.kind === 'rule'
      ? { figures: measure(framed, scoresByRule(method.rule)), ...NOTHING_TRAINED }
      : await runTrained(method, place, hooks);
  return {
    version: 1,
    hash: methodHash(data, method),
    commit,
    seed,
    method: method.name,
    ...scored,
    ms: Math.round(performance.now() - started),
  };
}

const NOTHING_TRAINED = { modelHash: null, losses: [], curve: [], encrypted: null };

async function runTrained(method: TrainedMethod, place: MethodPlace, hooks: MethodHooks) {
  const { data, seed, framed, sites, temporary } = place;
  const architecture = architectureOf(trainTask(method, seed).model);
  const measured = (weightsOf: (member: string) => Float32Array) =>
    measure(framed, scoresByWeights(architecture, weightsOf));
  const folder = join(temporary, `${seed}-${method.name}-public`);
  const trained = await trainPlain(method, sites, seed, { data, folder }, hooks.signal);
  await rm(folder, { recursive: true, force: true });
  const encrypted = method.encryption ? await byDeployment(method, place, hooks, trained) : null;
  await keepModels(method, place, (encrypted ?? trained).weightsOf);
  const curve = [];
  for (const { round, weightsOf } of trained.checkpoints) {
    await setImmediate();
    hooks.signal.throwIfAborted();
    const figures = measured(weightsOf);
    curve.push({ round, ap: overAll(figures, 'ap'), memberRecall: overAll(figures, 'memberRecall') });
  }
  return {
    figures: measured((encrypted ?? trained).weightsOf),
    modelHash: trained.modelHash,
    losses: [...trained.losses],
    curve,
    encrypted: encrypted?.cost ?? null,
  };
}

/** The weights that the deployment's participants end with, and what its rounds took. */
async function byDeployment(
  method: TrainedMethod,
  { seed, world, sites, temporary }: MethodPlace,
  { say, signal, adopt }: MethodHooks,
  plain: TrainedWeights,
) {
  const folder = join(temporary, `${seed}-${method.name}`);
  const { weightsOf, modelHash, reports } = await trainEncrypted(method, world, sites, seed, folder, {
    say,
    onState: ({ phase, step, steps }) => {
      if (phase !== 'idle' && !signal.aborted) say(`encrypted round ${step}/${steps}`);
    },
    adopt,
  });
  await rm(folder, { recursive: true, force: true });
  // The hash is over what members share; each has a head of its own where the method says so.
  const other = world.members.find((member) => !sameBits(weightsOf(member), plain.weightsOf(member)));
  if (modelHash !== plain.modelHash || other !== undefined) {
    throw new CordonError('MODEL_MISMATCH', {
      expected: `the encrypted run of ${method.name} with seed ${seed} to end with model ${plain.modelHash ?? ''}, as without encryption`,
      got: modelHash === plain.modelHash ? `another head at ${other ?? ''}` : modelHash,
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
  return { weightsOf, cost };
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  const bits = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return bits(a).equals(bits(b));
}
