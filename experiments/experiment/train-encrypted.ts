import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { bytesToFloat32 } from '../../models/detection/model-hash.ts';
import { FederatedModel } from '../../models/federated/federated-model.ts';
import { DEFAULT_POLICY, type SitePolicy, hiddenUnits } from '../../participant/federation/site-policy.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { State } from '../../protocol/messages/control.ts';
import type { RoundReport } from '../../protocol/messages/runs.ts';
import type { TrainTask } from '../../protocol/task.ts';
import { Federation } from '../demo/federation.ts';
import { memberSeed } from '../demo/member-seed.ts';
import { type Child, OWN_CLI } from '../demo/processes.ts';
import { Workspace, foundConsortium, writeConfigurations } from '../demo/workspace.ts';
import { type TrainedMethod, trainTask } from './experiment.ts';
import { giveAnswers } from './give-answers.ts';
import type { PreparedSites } from './sites.ts';
import type { World } from './world.ts';

/** What an encrypted run left. */
export interface EncryptedTraining {
  /** As a participant has written them to its own folder: the same at all, but for heads of their own. */
  readonly weightsOf: (member: string) => Float32Array;
  readonly modelHash: string;
  readonly reports: readonly RoundReport[];
}

export interface EncryptedHooks {
  readonly say: (text: string) => void;
  readonly onState: (state: State) => void;
  /** Told of every process at its start, so that none outlives the experiment. */
  readonly adopt: (child: Child) => void;
}

/** How long after the end of a run a participant may take to write its model. */
const MODEL_MS = 120_000;

/**
 * Trains by the deployment itself: a coordinator and a participant a member, as processes, over the seed's logs.
 * @param folder to be made; it holds keys, states and logs of the processes
 * @throws CordonError ROUND_FAILED where a round had to be repeated, MODEL_MISMATCH where participants end with different
 *   models, and what processes and rounds fail with
 */
export async function trainEncrypted(
  method: TrainedMethod,
  world: World,
  { answers, files }: PreparedSites,
  seed: number,
  folder: string,
  { say, onState, adopt }: EncryptedHooks,
): Promise<EncryptedTraining> {
  const task = trainTask(method, seed);
  const federated = new FederatedModel(task, world.members.length);
  const workspace = await Workspace.create(folder);
  const chain = await foundConsortium(workspace, world.members);
  for (const [member, list] of answers) await giveAnswers(workspace.state(member), list);
  const children: Child[] = [];
  try {
    const federation = await Federation.start(
      workspace,
      chain,
      OWN_CLI,
      (address) =>
        writeConfigurations(workspace, address, files, (member) => memberSeed(seed, member), {
          recordVectors: false,
          policy: policyFor(task),
        }),
      (child) => {
        children.push(child);
        adopt(child);
      },
    );
    await federation.prepared(say);
    const { run, reports } = await federation.carryOut(task, onState);
    if (run.status !== 'finished')
      throw failed(`run to finish: ${run.failure?.expected ?? ''}`, run.failure?.got ?? run.status);
    checkRounds(reports, task);
    const models = await Promise.all(
      world.members.map((member) => modelOf(workspace.state(member), run.run, federated)),
    );
    const other = models.findIndex(({ hash }) => hash !== run.modelHash);
    if (run.modelHash === null || other >= 0) {
      throw new CordonError('MODEL_MISMATCH', {
        expected: `model ${run.modelHash ?? ''} at every participant`,
        got: `${models[other]?.hash ?? 'none'} at ${world.members[other] ?? 'all'}`,
        next: 'report this with the experiment file and the seed',
      });
    }
    const weightsOf = (member: string) =>
      models[world.members.indexOf(member)]?.weights ?? new Float32Array();
    return { weightsOf, modelHash: run.modelHash, reports };
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

/** The usual policy, with room for a task that asks for more. */
function policyFor({ rounds, training, model }: TrainTask): SitePolicy {
  return {
    ...DEFAULT_POLICY,
    mostRounds: Math.max(DEFAULT_POLICY.mostRounds, rounds),
    mostContributions: Math.max(DEFAULT_POLICY.mostContributions, rounds),
    leastSteps: Math.min(DEFAULT_POLICY.leastSteps, training.steps),
    mostExamples: Math.max(DEFAULT_POLICY.mostExamples, training.steps * training.batch),
    mostHidden: Math.max(DEFAULT_POLICY.mostHidden, hiddenUnits(model)),
  };
}

/** Samples are drawn by the number of a round, so that rounds of other numbers could not be compared with anything. */
function checkRounds(reports: readonly RoundReport[], task: TrainTask): void {
  const numbers = reports.map(({ round }) => round);
  if (numbers.length === task.rounds && numbers.every((round, i) => round === i + 1)) return;
  throw failed(`rounds 1 to ${task.rounds} to be reported`, numbers.join(', '));
}

function failed(expected: string, got: string): CordonError {
  return new CordonError('ROUND_FAILED', {
    expected,
    got,
    next: 'go on with --resume; where it happens again, the machine may be too busy for so many processes',
  });
}

/** What a participant has made of the run itself; it is written after the run is over. */
async function modelOf(
  state: string,
  run: string,
  federated: FederatedModel,
): Promise<{ weights: Float32Array; hash: string }> {
  const until = performance.now() + MODEL_MS;
  for (;;) {
    // Its alerts are written behind its model.
    const over = await readFile(join(state, `${run}.json`)).catch(() => null);
    if (over !== null) break;
    if (performance.now() > until) throw failed(`a model within ${MODEL_MS / 1000} s after the run`, 'none');
    await sleep(100);
  }
  const weights = bytesToFloat32(await readFile(join(state, 'model.f32')));
  const shared = weights.subarray(0, federated.shape.length);
  return { weights, hash: federated.hash(nodePrimitives.sha256, [shared]) };
}
