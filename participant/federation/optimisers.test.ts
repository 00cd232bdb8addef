import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { trainFederatedPlain } from '../../experiments/evaluate/federated-plain.ts';
import { modelHash } from '../../models/detection/model-hash.ts';
import { modelOf } from '../../models/detection/models.ts';
import type { TrainTask } from '../../protocol/task.ts';
import { DrivenMember, until } from '../../test/driven-member.ts';
import { randomSite } from '../../test/random-site.ts';
import { TASK, TestCoordinator } from '../../test/running-coordinator.ts';
import { quantisedRound } from '../train/local-update.ts';
import type { LocalTraining } from './contribute.ts';

const PLACES = [1, 2, 3];
let coordinator: TestCoordinator;
let members: DrivenMember[] = [];
beforeEach(async () => {
  coordinator = await TestCoordinator.start(PLACES.length);
});
afterEach(async () => {
  for (const member of members) await member.stop();
  members = [];
  await coordinator.stop();
});

const trainAt =
  (place: number): LocalTraining =>
  (state, run, round) => {
    const start = { federated: run.federated, state };
    const { values } = quantisedRound(start, randomSite(place), run.task, round, `seed-${place}`, () => 0);
    return { values, costs: {} };
  };

async function start(task: TrainTask): Promise<string> {
  for (const place of PLACES) {
    members.push(await DrivenMember.start(`org-${place}`, coordinator, { train: trainAt(place) }));
  }
  const operator = await coordinator.operate();
  const { run } = (await (await operator.message('POST', '/v1/runs', task)).json()) as { run: string };
  operator.close();
  return run;
}

const plainMembers = PLACES.map((place) => ({
  organisation: `org-${place}`,
  site: randomSite(place),
  seed: `seed-${place}`,
}));

describe('encrypted rounds by the members and the coordinator end with the bits of plain sums', () => {
  const cases: readonly Partial<TrainTask>[] = [
    { optimiser: { kind: 'fedadam', learningRate: 0.05, beta1: 0.9, beta2: 0.99, tau: 0.01 } },
  ];
  it.each(cases.map((one) => [one.optimiser?.kind, one] as const))('with %s', async (_, changes) => {
    const task = { ...TASK, rounds: 3, ...changes };
    const run = await start(task);
    await until(members, () => members.every(({ finished }) => finished.length === 1));
    const weights = trainFederatedPlain(plainMembers, task);
    for (const member of members) expect(member.finished[0]).toEqual(weights);
    const { architecture } = modelOf(task.model);
    const last = (await members[0]?.client.log())?.at(-1)?.entry;
    expect(last?.body).toMatchObject({
      run,
      modelHash: modelHash(nodePrimitives.sha256, architecture, weights),
    });
    expect(trainFederatedPlain(plainMembers, { ...TASK, rounds: 3 })).not.toEqual(weights);
  });
});
