import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives, systemRandom } from '../../crypto/identity/node-primitives.ts';
import { signFields } from '../../crypto/public/signed.ts';
import { simulatedData } from '../../experiments/demo/data.ts';
import { Workspace } from '../../experiments/demo/workspace.ts';
import { Operator } from '../../participant/api/operator.ts';
import type { ParticipantConfig } from '../../participant/config.ts';
import type { LogBody, LogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { RunSummary } from '../../protocol/messages/runs.ts';
import { DrivenMember, oneHot } from '../driven-member.ts';
import { RunningAgent } from '../running-agent.ts';
import { TASK, TestCoordinator } from '../running-coordinator.ts';

/** Four members over loopback: two whole participants, and two that a test moves and that may collude. */
const HONEST = ['org-1', 'org-2'];
const COLLUDING = ['org-3', 'org-4'];

let workspace: Workspace;
let sites: ParticipantConfig['telemetry'][];
beforeAll(async () => {
  workspace = await Workspace.create(null);
  const world = { hosts: 25, accounts: 30, days: 3, trainDays: 2 };
  const data = await simulatedData(workspace, 3, world, 5, () => undefined);
  sites = [...data.sites.values()];
});
afterAll(() => workspace.remove());

let coordinator: TestCoordinator;
let operator: Operator;
let agents: RunningAgent[] = [];
let colluding: DrivenMember[] = [];
let before: (string | null)[] = [];

beforeEach(async () => {
  coordinator = await TestCoordinator.start(4);
  operator = await Operator.connect({
    coordinator: coordinator.address,
    id: 'ops',
    sign: coordinator.operator.sign,
    chain: coordinator.federation.chain,
    primitives: nodePrimitives,
    random: systemRandom,
  });
  agents = [];
  for (const [i, id] of HONEST.entries())
    agents.push(await RunningAgent.start(id, coordinator, sites[i] ?? expect.fail()));
  colluding = [];
  for (const [i, id] of COLLUDING.entries())
    colluding.push(await DrivenMember.start(id, coordinator, { train: oneHot(i) }));
  // One honest run, so that everybody has a model.
  const { status } = await over(await begin(7));
  expect(status).toBe('finished');
  await when(async () => (await models()).every((model) => model !== null));
  await when(() => colluding.every(({ finished }) => finished.length === 1));
  before = await models();
});
afterEach(async () => {
  operator.close();
  for (const member of [...agents, ...colluding]) await member.stop();
  await coordinator.stop();
});

const models = () => Promise.all(agents.map((agent) => agent.model()));

/** Those that a test moves act until it is so; the others act by themselves. */
async function when(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const limit = performance.now() + 40_000;
  while (!(await isSo())) {
    if (performance.now() > limit) throw new Error('waited in vain');
    for (const member of colluding) await member.act();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** @returns the id of the run */
function begin(seed: number): Promise<string> {
  const task = { ...TASK, seed, deadlines: { ...TASK.deadlines, openSeconds: 10 } };
  return operator.start(task).then(({ run }) => run);
}

async function over(run: string): Promise<RunSummary> {
  let found: RunSummary | undefined;
  await when(async () => {
    found = (await operator.list()).find((one) => one.run === run);
    return found?.status !== 'running';
  });
  return found ?? expect.fail();
}

/** The last entry of that kind in the log. */
async function last<K extends LogEntryMessage['kind']>(kind: K): Promise<LogBody<K>> {
  const entries = (await colluding[0]?.client.log()) ?? [];
  const found = entries.findLast(({ entry }) => entry.kind === kind)?.entry;
  return (found?.body as LogBody<K> | undefined) ?? expect.fail(`no ${kind}`);
}

/** Signs for the sum as it stands in the log, without having looked at it. */
async function collude(member: DrivenMember): Promise<void> {
  const { round, transcriptHash, setHash, sumRoot } = await last('opened');
  const { consortium, epoch } = coordinator.federation.roster;
  const fields = { consortium, epoch, round, member: member.id, transcriptHash, setHash, sumRoot };
  const { sign } = coordinator.federation.key(member.id);
  const statement = signFields(sign, 'cordon/v1/audit', { ...fields, from: 0, to: 1 });
  member.client.send({ type: 'audit', statement });
}

describe('a coordinator that changes one value of a sum', () => {
  it('has its run ended with AUDIT_FAILED: participants keep the model that they have, and go on', async () => {
    coordinator.failpoint = (name) => name === 'coordinator.wrong-sum';
    const { status, failure } = await over(await begin(8));
    expect(status).toBe('failed');
    expect(failure?.code).toBe('AUDIT_FAILED');
    expect(await models()).toEqual(before);
    expect(colluding.map(({ finished }) => finished.length)).toEqual([1, 1]);

    coordinator.failpoint = () => false;
    expect((await over(await begin(9))).status).toBe('finished');
    await when(async () => (await models()).every((model, i) => model !== before[i]));
    expect(agents.map(({ end }) => end)).toEqual([null, null]);
  });

  it('and has auditors sign for it is left for good by those who recomputed it: AUDIT_FAILED, the old model stays', async () => {
    coordinator.failpoint = (name) => name === 'coordinator.wrong-sum';
    // They do their part in the round, and say nothing of what is wrong with its sum.
    for (const member of colluding)
      member.lying = (message) => (message.type === 'refuse' ? { type: 'ask-state' } : message);
    const run = await begin(8);
    await when(() => agents.every(({ state }) => existsSync(join(state, 'refuted-sum.json'))));
    for (const member of colluding) member.hanging = true;
    for (const member of colluding) await collude(member);

    // By its own signatures the sum is published and the run is a success.
    expect((await over(run)).status).toBe('finished');
    expect(await last('publish')).toMatchObject({ run, members: 4 });
    await when(() => agents.every(({ end }) => end !== null));
    for (const agent of agents) {
      expect(agent.end).toMatchObject({
        code: 'AUDIT_FAILED',
        got: 'other values, published with the signatures of org-3, org-4',
      });
      expect(existsSync(join(agent.state, `${run}.json`))).toBe(false);
    }
    expect(await models()).toEqual(before);

    // Started again, they meet the same log.
    for (const agent of agents) await agent.start();
    await when(() => agents.every(({ end }) => end?.code === 'AUDIT_FAILED'));
    expect(await models()).toEqual(before);
  });
});
