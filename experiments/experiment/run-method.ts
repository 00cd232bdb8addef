import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { modelOf } from '../../models/detection/models.ts';
import type { ScoresOf } from '../evaluate/evaluate.ts';
import type { FramedWorld } from '../evaluate/framed-members.ts';
import { scoresByRule } from '../evaluate/untrained.ts';
import type { MethodResult } from './method-result.ts';
import { rowsToTrain, scorerOf } from './method-scores.ts';
import { type Experiment, type RunMethod, type TrainedMethod, hasBackdoor, trainTask } from './experiment.ts';
import { methodHash } from './hash.ts';
import { keepModels } from './keep-models.ts';
import { ALL, measure, overAll } from './measure.ts';
import { programHash } from './program/program-method.ts';
import { scoresByProgram } from './program/program-scores.ts';
import type { Stoppable } from './program/run-program.ts';
import { runGraph } from './run-graph.ts';
import type { RecordedSight } from './recordings/recorded-rows.ts';
import { recordingFigures } from './recordings/recording-figures.ts';
import { checkSameBits } from './same-bits.ts';
import type { PreparedSites } from './sites.ts';
import { trainEncrypted } from './train-encrypted.ts';
import { type TrainedWeights, trainPlain } from './train-method.ts';
import { noiseOf } from './train-together.ts';
import { type TrackMembers, tracksByFigure } from './tracks.ts';
import { triggeredFigures } from './triggered-figures.ts';
import type { World } from './world.ts';

/** Where and on what a method is run. */
export interface MethodPlace {
  readonly experiment: Experiment;
  readonly seed: number;
  readonly world: World;
  readonly tracks: ReadonlyMap<string, TrackMembers>;
  readonly sites: PreparedSites;
  /** The sites' events with the truth. */
  readonly framed: FramedWorld;
  /** Real recordings as a member would see them, on own features; null for none. */
  readonly recorded: RecordedSight | null;
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
  readonly adopt: (child: Stoppable) => void;
}

/**
 * One method with one seed: trained, where it is encrypted by the deployment as well, and evaluated.
 * @throws CordonError MODEL_MISMATCH where encryption changes the model; as `trainEncrypted`, `scoresByProgram`
 */
export async function runMethod(
  method: RunMethod,
  place: MethodPlace,
  hooks: MethodHooks,
): Promise<MethodResult> {
  const { experiment, seed, framed, commit } = place;
  const started = performance.now();
  const untrained = (scoresOf: ScoresOf) => ({
    figures: measure(framed, scoresOf, tracksByFigure(place.tracks)),
    ...NOTHING_TRAINED,
  });
  const scored =
    method.kind === 'trained'
      ? await runTrained(method, place, hooks)
      : method.kind === 'graph'
        ? await runGraph(method, place, hooks.signal)
        : untrained(
            method.kind === 'rule'
              ? scoresByRule(method.rule)
              : await scoresByProgram(method, { ...place, sites: place.sites.sites }, hooks),
          );
  return {
    version: 1,
    hash: methodHash(experiment, method),
    commit,
    seed,
    method: method.name,
    ...scored,
    ...(method.kind === 'program' && { program: { hash: programHash(method), files: [...method.files] } }),
    ms: Math.round(performance.now() - started),
  };
}

const NOTHING_TRAINED = { modelHash: null, losses: [], curve: [], encrypted: null };

async function runTrained(method: TrainedMethod, place: MethodPlace, hooks: MethodHooks) {
  const { experiment, seed, framed, recorded, sites, temporary, tracks } = place;
  const named = tracksByFigure(tracks);
  const scorer = scorerOf(method, modelOf(trainTask(method, seed).model), sites.sites);
  const measured = (weightsOf: (member: string) => Float32Array) =>
    measure(framed, scorer.ofSites(weightsOf), named);
  const folder = join(temporary, `${seed}-${method.name}-public`);
  const { data } = experiment;
  const ownRows = rowsToTrain(method, sites);
  const trained = await trainPlain(method, ownRows, seed, { data, folder, tracks }, hooks.signal);
  await rm(folder, { recursive: true, force: true });
  const encrypted = method.encryption
    ? await byDeployment(method, { ...place, sites: ownRows }, hooks, trained)
    : null;
  await keepModels(method, place, trained.weightsOf);
  const curve = [];
  for (const { round, weightsOf } of trained.checkpoints) {
    await setImmediate();
    hooks.signal.throwIfAborted();
    const figures = measured(weightsOf);
    curve.push({ round, ap: overAll(figures, 'ap'), memberRecall: overAll(figures, 'memberRecall') });
  }
  const { weightsOf } = trained;
  const noise = noiseOf(method, seed);
  const scores = (member: string, rows: Float32Array) => scorer.ofRows(member, weightsOf(member), rows);
  return {
    figures: [
      ...measured(weightsOf),
      ...(noise === null ? [] : [{ member: ALL, metric: 'epsilon', value: noise.epsilon }]),
      ...(recorded === null || method.counting !== null ? [] : recordingFigures(recorded, framed, scores)),
      ...(hasBackdoor(experiment) ? triggeredFigures(framed, scores, named) : []),
    ],
    modelHash: trained.modelHash,
    losses: [...trained.losses],
    curve,
    encrypted,
  };
}

/**
 * Trains by the deployment and checks the bits of its model; what it took. Figures are never of that model where a round
 * lacked somebody, because nobody could repeat it.
 * @throws CordonError MODEL_MISMATCH
 */
async function byDeployment(
  method: TrainedMethod,
  { seed, world, sites, temporary }: MethodPlace,
  { say, signal, adopt }: MethodHooks,
  plain: TrainedWeights,
): Promise<MethodResult['encrypted']> {
  const folder = join(temporary, `${seed}-${method.name}`);
  const deployed = await trainEncrypted(method, world, sites, seed, folder, {
    say,
    onState: ({ phase, step, steps }) => {
      if (phase !== 'idle' && !signal.aborted) say(`encrypted round ${step}/${steps}`);
    },
    adopt,
  });
  await rm(folder, { recursive: true, force: true });
  const missing = checkSameBits(method, sites.sites, seed, plain, deployed);
  const { reports } = deployed;
  const mean = (of: (report: (typeof reports)[number]) => number) =>
    reports.reduce((sum, report) => sum + of(report), 0) / reports.length;
  return {
    sameBits: true,
    rounds: reports.length,
    missing,
    bytesUp: mean(({ bytesUp }) => bytesUp),
    bytesDown: mean(({ bytesDown }) => bytesDown),
    msRound: mean(({ ms }) => ms.total),
  };
}
