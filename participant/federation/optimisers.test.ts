import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { federatePlain } from '../../experiments/evaluate/federated-plain.ts';
import type { LayeredChoice } from '../../models/detection/layered-architecture.ts';
import { modelOf } from '../../models/detection/models.ts';
import { FederatedModel } from '../../models/federated/federated-model.ts';
import type { TrainTask } from '../../protocol/task.ts';
import { DrivenMember, until } from '../../test/driven-member.ts';
import { randomSite } from '../../test/random-site.ts';
import { TASK, TestCoordinator } from '../../test/running-coordinator.ts';
import { quantisedRound } from '../train/local-update.ts';
import type { LocalTraining } from './contribute.ts';

// A member that was killed is no use to the committee of its round, which three others can do without.
const PLACES = [1, 2, 3, 4];
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
  (start, run, round) => {
    const site = randomSite(place);
    const { values, own } = quantisedRound(start, site, run.task, round, `seed-${place}`, () => 0);
    return { values, own, costs: {} };
  };

async function start(task: TrainTask): Promise<void> {
  for (const place of PLACES) {
    members.push(await DrivenMember.start(`org-${place}`, coordinator, { train: trainAt(place) }));
  }
  const operator = await coordinator.operate();
  await operator.message('POST', '/v1/runs', task);
  operator.close();
}

const plainMembers = PLACES.map((place) => ({
  organisation: `org-${place}`,
  site: randomSite(place),
  seed: `seed-${place}`,
}));

const over = () => members.every(({ finished }) => finished.length === 1);

/** What members have ended with, and what the log says of it, is what plain sums give. */
async function expectPlain(task: TrainTask): Promise<void> {
  const { federated, state, weightsOf } = federatePlain(plainMembers, task);
  for (const { id, finished } of members) expect(finished).toEqual([weightsOf(id)]);
  const last = (await members[0]?.client.log())?.at(-1)?.entry;
  expect(last).toMatchObject({
    kind: 'finish',
    body: { modelHash: federated.hash(nodePrimitives.sha256, state) },
  });
}

describe('encrypted rounds by the members and the coordinator end with the bits of plain sums', () => {
  it.each([
    { kind: 'fedadam', learningRate: 0.05, beta1: 0.9, beta2: 0.99, tau: 0.01 } as const,
    { kind: 'entente', share: 0.2 } as const,
  ])('with $kind', async (optimiser) => {
    const task = { ...TASK, rounds: 3, optimiser };
    await start(task);
    await until(members, over);
    await expectPlain(task);
    expect(members[0]?.finished[0]).not.toEqual(federatePlain(plainMembers, { ...TASK, rounds: 3 }).state[0]);
  });

  it('with a model of dense layers, as TensorFlow.js describes it', async () => {
    const model = {
      kind: 'layers',
      features: 'edge-v1',
      layers: [
        { units: 6, activation: 'tanh' },
        { units: 5, activation: 'relu' },
        { units: 3, activation: 'sigmoid' },
        { units: 1, activation: 'linear' },
      ],
    } as const satisfies LayeredChoice;
    const task = { ...TASK, rounds: 3, model: { ...model, layers: [...model.layers] } };
    await start(task);
    await until(members, over);
    await expectPlain(task);
    expect(members[0]?.finished[0]).not.toEqual(modelOf(model).initialWeights(task.seed));
    // One that cannot be is no run at all.
    const operator = await coordinator.operate();
    const none = { ...task, model: { ...model, layers: [{ units: 1, activation: 'tanh' as const }] } };
    const refused = await operator.message('POST', '/v1/runs', none);
    operator.close();
    expect(await refused.json()).toMatchObject({ code: 'VALUE_OUT_OF_RANGE' });
  });

  it('with heads of their own, each another; nothing of one stands in a sum or with anybody else', async () => {
    const task = { ...TASK, rounds: 2, personal: 'head' as const };
    await start(task);
    await until(members, over);
    await expectPlain(task);
    const { shape, model } = new FederatedModel(task, PLACES.length);
    const [one, two] = members.map(({ finished }) => finished[0]?.subarray(shape.length));
    expect(one).toHaveLength(model.length - shape.length);
    expect(one).not.toEqual(two);
    expect((await members[0]?.client.sum(1))?.length).toBe(shape.length);
    // The run is over: what the members kept for it is gone.
    for (const { state } of members) expect(await readdir(join(state, 'own'))).toEqual([]);
  });

  it('with SCAFFOLD and heads, also where a member is killed between its upload and the sum', async () => {
    const optimiser = { kind: 'scaffold', learningRate: 0.9 } as const;
    const task = { ...TASK, rounds: 3, optimiser, personal: 'head' as const };
    await start(task);
    const [victim, ...others] = members;
    if (!victim) throw new Error('no member');
    const uploads = async () =>
      (await victim.client.log()).filter(
        ({ entry }) => entry.kind === 'upload' && entry.body.manifest.round === 2,
      );
    while ((await uploads()).length === 0) {
      for (const other of others) {
        const { phase, round } = other.latest() ?? {};
        if (phase !== 'collecting' || round !== 2) await other.act();
      }
      await victim.act();
      await setTimeout(5);
    }
    expect(
      (await uploads()).map(({ entry }) => entry.kind === 'upload' && entry.body.manifest.member),
    ).toEqual(['org-1']);
    expect((await readdir(join(victim.state, 'own'))).length).toBe(2);
    await victim.restart();
    await until(members, over);
    await expectPlain(task);
  });
});
