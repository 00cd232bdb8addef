import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditOrder } from '../../crypto/public/audit-order.ts';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { modelWith } from '../../models/detection/models.ts';
import { DrivenMember, until } from '../../test/driven-member.ts';
import { TASK, TestCoordinator } from '../../test/running-coordinator.ts';
import type { LogBody, LogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { LocalTraining } from './contribute.ts';

/** Four members, two auditors a segment; 4 hidden units make one chunk, 700 make three. */
const train: LocalTraining = (_weights, run) => ({
  values: new Uint32Array(modelWith(run.architecture).length).fill(3),
  costs: {},
});
const task = { ...TASK, deadlines: { ...TASK.deadlines, openSeconds: 4 } };

let coordinator: TestCoordinator;
let members: DrivenMember[] = [];
beforeEach(async () => {
  coordinator = await TestCoordinator.start(4);
  members = [];
  for (let i = 1; i <= 4; i++)
    members.push(await DrivenMember.start(`org-${i}`, coordinator, { train, policy: { mostHidden: 700 } }));
});
afterEach(async () => {
  for (const member of members) await member.stop();
  await coordinator.stop();
});

async function begin(hidden = 4, { deadlines }: Pick<typeof TASK, 'deadlines'> = task): Promise<void> {
  const operator = await coordinator.operate();
  const model = { ...TASK.model, hidden };
  const response = await operator.message('POST', '/v1/runs', { ...task, model, deadlines });
  expect(response.status).toBe(201);
  operator.close();
  // Not idle any more: the next time that they are, it is over.
  for (const member of members) await member.client.state(({ run }) => run !== null);
}

async function log(): Promise<LogEntryMessage[]> {
  const reader = await coordinator.operate();
  const entries = (await reader.log()).map(({ entry }) => entry);
  reader.close();
  return entries;
}

async function bodies<K extends LogEntryMessage['kind']>(kind: K): Promise<LogBody<K>[]> {
  return (await log()).flatMap((entry) => (entry.kind === kind ? [entry.body as LogBody<K>] : []));
}

const phase = (name: string) => () => members.some((member) => member.latest()?.phase === name);

/** Everybody has answered, and nobody has done more. */
async function answered(): Promise<void> {
  await until(members, () => members.every((member) => member.types().includes('answer')));
}

/** The sum stands in the log, and nobody has looked at it. */
async function opened(): Promise<void> {
  await answered();
  for (const member of members) await member.client.state((state) => state.phase === 'auditing');
}

const isOver = () => members.every((member) => member.latest()?.phase === 'idle');
const audits = () =>
  members.flatMap(({ sent }) => sent.flatMap((one) => (one.type === 'audit' ? [one.statement] : [])));

/** The order in which members are asked for the first segment. */
async function order(): Promise<DrivenMember[]> {
  const [announce] = await bodies('announce');
  const drawn = auditOrder(
    nodePrimitives,
    announce?.transcriptHash ?? '',
    members.map(({ id }) => id),
  );
  return drawn.map((id) => members.find((member) => member.id === id) ?? expect.fail());
}

async function failedAs(code: string): Promise<LogBody<'abort'>> {
  await until(members, isOver);
  const [abort] = await bodies('abort');
  expect(abort?.code).toBe(code);
  expect(await bodies('publish')).toEqual([]);
  for (const member of members) expect(member.finished).toEqual([]);
  return abort ?? expect.fail();
}

describe('a coordinator that cheats', () => {
  it('with a sum of which one value is changed: every auditor objects, stand-ins too, and nobody adopts it', async () => {
    coordinator.failpoint = (name) => name === 'coordinator.wrong-sum';
    await begin();
    const abort = await failedAs('AUDIT_FAILED');
    expect(abort.got).toMatch(/org-\d refused: AUDIT_FAILED \(expected the sum of all uploads, in chunk 0/);
    expect(await bodies('opened')).toHaveLength(1);
    expect(audits()).toEqual([]);
    const objecting = members.filter(({ lines }) => lines.some((line) => line.includes('AUDIT_FAILED')));
    expect(objecting.length).toBeGreaterThanOrEqual(3);
  });

  it('with a stored upload of which one ciphertext is changed after the sum: auditors name whose it is', async () => {
    await begin();
    await opened();
    const folder = join(coordinator.state, 'uploads', '1');
    const name = (await readdir(folder)).find((file) => /^org-3\..*\.blob$/.test(file)) ?? '';
    const file = await open(join(folder, name), 'r+');
    const byte = new Uint8Array(1);
    await file.read(byte, 0, 1, 777);
    byte[0] = (byte[0] ?? 0) ^ 1;
    await file.write(byte, 0, 1, 777);
    await file.close();
    const abort = await failedAs('AUDIT_FAILED');
    expect(abort.got).toContain('that org-3 signed');
  });

  it('with a proof that leads to another root: auditors object', async () => {
    await begin(700); // three chunks, so that there are proofs
    await opened();
    const folder = join(coordinator.state, 'uploads', '1');
    for (const name of await readdir(folder)) {
      if (!name.endsWith('.tree')) continue;
      const file = await open(join(folder, name), 'r+');
      await file.write(new Uint8Array(32 * 6), 0, 32 * 6, 0);
      await file.close();
    }
    await failedAs('AUDIT_FAILED');
  });
});

describe('an audit', () => {
  it('of three chunks is shared out: every chunk has two auditors, each signs for its own, and all adopt the sum', async () => {
    await begin(700);
    await until(members, isOver);
    await until(members, () => members.every(({ finished }) => finished.length === 1));
    const covered = [0, 1, 2].map(
      (chunk) => audits().filter(({ from, to }) => from <= chunk && chunk < to).length,
    );
    expect(covered).toEqual([2, 2, 2]);
    expect(await bodies('audit')).toHaveLength(audits().length);
    expect(await bodies('publish')).toHaveLength(1);
    for (const member of members) expect(await readdir(join(member.state, 'sums'))).toEqual([]);
  });

  it('whose auditor hangs is finished by a stand-in, whichever of two is faster', async () => {
    await begin();
    await until(members, phase('opening'));
    const [first, second, third, fourth] = (await order()) as [
      DrivenMember,
      DrivenMember,
      DrivenMember,
      DrivenMember,
    ];
    await answered();
    first.hanging = true;
    await until(members, () => [second, third, fourth].every(({ finished }) => finished.length === 1));
    const signed = (await bodies('audit')).map(({ statement }) => statement.member);
    expect(signed).toHaveLength(2);
    expect(signed).toContain(second.id);
    expect(signed).not.toContain(first.id);
    first.hanging = false;
    await until(members, () => first.finished.length === 1);
    expect(first.finished[0]).toEqual(second.finished[0]);
  });

  it('whose auditor is gone is finished by a stand-in at once', async () => {
    // A quarter of this is how long one that hangs is waited for: longer than this test waits for anything.
    await begin(4, { deadlines: { ...TASK.deadlines, openSeconds: 120 } });
    await until(members, phase('opening'));
    const [first] = await order();
    const others = members.filter((member) => member !== first);
    await answered();
    first?.client.close();
    if (first) first.hanging = true;
    await until(others, () => others.every(({ finished }) => finished.length === 1));
    expect(new Set(audits().map(({ member }) => member)).size).toBe(2);
  });

  it('without enough members ends the round at its deadline; nobody adopts a sum that one has signed for', async () => {
    await begin();
    await answered();
    for (const member of members.slice(1)) member.hanging = true;
    await until(members.slice(0, 1), isOver);
    for (const member of members) member.hanging = false;
    await failedAs('AUDIT_INCOMPLETE');
    expect(audits()).toHaveLength(1);
  });

  it('is not for those who were not asked: the chunks of others are refused', async () => {
    await begin();
    await until(members, phase('opening'));
    const [first, second, third] = (await order()) as [DrivenMember, DrivenMember, DrivenMember];
    await opened();
    const status = async (member: DrivenMember, path: string) =>
      (await member.client.http('GET', path)).status;
    expect(await status(third, '/v1/rounds/1/audit/0/1')).toBe(409);
    expect(await status(first, '/v1/rounds/1/audit/0/1')).toBe(200);
    expect(await status(second, '/v1/rounds/1/audit')).toBe(200);
    for (const path of ['0/2', '1/1', '2/9'])
      expect(await status(first, `/v1/rounds/1/audit/${path}`)).toBe(409);
    for (const path of ['x/1', '-1/1', '0/1e3'])
      expect(await status(first, `/v1/rounds/1/audit/${path}`)).toBe(400);
    expect(await status(first, '/v1/rounds/2/audit/0/1')).toBe(409);
    const operator = await coordinator.operate();
    expect((await operator.http('GET', '/v1/rounds/1/audit/0/1')).status).toBe(403);
    operator.close();
    await until(members, isOver);
  });

  it('whose auditor loses its files meanwhile goes on: a sum that is gone is fetched again', async () => {
    await begin();
    await opened();
    for (const member of members) {
      member.finished.length = 0;
      await member.restart();
      await member.client.state(() => true);
      await rm(join(member.state, 'sums'), { recursive: true, force: true });
    }
    await until(members, () => members.every(({ finished }) => finished.length > 0));
  });
});
