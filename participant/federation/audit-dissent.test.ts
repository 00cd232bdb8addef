import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditOrder } from '../../crypto/public/audit-order.ts';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { signFields } from '../../crypto/public/signed.ts';
import { modelWith } from '../../models/detection/models.ts';
import type { LogBody, LogEntryMessage } from '../../protocol/messages/log-entry.ts';
import { DrivenMember, until } from '../../test/driven-member.ts';
import { TASK, TestCoordinator } from '../../test/running-coordinator.ts';
import type { LocalTraining } from './contribute.ts';
import type { SitePolicy } from './site-policy.ts';

/** Four members, two auditors for the one chunk: the roster allows for one that colludes. */
const IDS = ['org-1', 'org-2', 'org-3', 'org-4'];
const train: LocalTraining = (_weights, run) => ({
  values: new Uint32Array(modelWith(run.architecture).length).fill(3),
  costs: {},
});

let coordinator: TestCoordinator;
let members: DrivenMember[] = [];
beforeEach(async () => {
  coordinator = await TestCoordinator.start(4);
});
afterEach(async () => {
  for (const member of members) await member.stop();
  await coordinator.stop();
});

async function begin(policyOf: (id: string) => Partial<SitePolicy> = () => ({})): Promise<void> {
  members = [];
  for (const id of IDS)
    members.push(await DrivenMember.start(id, coordinator, { train, policy: policyOf(id) }));
  const operator = await coordinator.operate();
  expect((await operator.message('POST', '/v1/runs', TASK)).status).toBe(201);
  operator.close();
  for (const member of members) await member.client.state(({ run }) => run !== null);
}

async function bodies<K extends LogEntryMessage['kind']>(kind: K): Promise<LogBody<K>[]> {
  const reader = await coordinator.operate();
  const entries = (await reader.log()).map(({ entry }) => entry);
  reader.close();
  return entries.flatMap((entry) => (entry.kind === kind ? [entry.body as LogBody<K>] : []));
}

/** All have answered, the sum stands in the log, and nobody has looked at it. */
async function opened(): Promise<void> {
  await until(members, () => members.every((member) => member.types().includes('answer')));
  for (const member of members) await member.client.state(({ phase }) => phase === 'auditing');
}

const only = async <K extends LogEntryMessage['kind']>(kind: K) => (await bodies(kind))[0] ?? expect.fail();

/** The members in the order in which they are asked to audit. */
async function inOrder(): Promise<[DrivenMember, DrivenMember, DrivenMember, DrivenMember]> {
  const { transcriptHash } = await only('announce');
  const drawn = auditOrder(nodePrimitives, transcriptHash, IDS);
  return drawn.map((id) => members.find((member) => member.id === id)) as Awaited<ReturnType<typeof inOrder>>;
}

/** Signs for the sum as it stands in the log, without having looked at it. */
async function collude(member: DrivenMember): Promise<void> {
  const { round, transcriptHash, setHash, sumRoot } = await only('opened');
  const { consortium, epoch } = coordinator.federation.roster;
  const fields = { consortium, epoch, round, member: member.id, transcriptHash, setHash, sumRoot };
  const { sign } = coordinator.federation.key(member.id);
  const statement = signFields(sign, 'cordon/v1/audit', { ...fields, from: 0, to: 1 });
  member.client.send({ type: 'audit', statement });
}

describe('a coordinator with more colluding auditors than the roster allows for', () => {
  beforeEach(async () => {
    coordinator.failpoint = (name) => name === 'coordinator.wrong-sum';
    await begin();
    await opened();
  });

  it('does not get its wrong chunk adopted by an auditor that has refuted it: it stops and names who signed', async () => {
    const [honest, bystander, ...colluding] = await inOrder();
    bystander.hanging = true;
    await until([honest], () => honest.types().includes('refuse'));
    for (const member of colluding) await collude(member);
    await honest.client.until(() => honest.latest()?.phase === 'idle');
    expect(await bodies('publish')).toHaveLength(1);

    const state = honest.latest() ?? expect.fail();
    await expect(honest.member.act(state)).rejects.toMatchObject({
      code: 'AUDIT_FAILED',
      expected: expect.stringContaining('the sum of all uploads, in chunk 0') as string,
      got: expect.stringMatching(
        /^other values, published with the signatures of (org-\d), (org-\d)$/,
      ) as string,
    });
    expect(honest.finished).toEqual([]);
    const refusal = honest.sent.find(({ type }) => type === 'refuse');
    expect(refusal).toMatchObject({ phase: 'auditing', code: 'AUDIT_FAILED' });

    // Not after a restart either, as long as its record is there.
    await honest.restart();
    await honest.client.state(() => true);
    expect(await honest.act()).toBe('AUDIT_FAILED');
    expect(honest.finished).toEqual([]);
    const record = join(honest.state, 'refuted-sum.json');
    const text = await readFile(record, 'utf8');
    await writeFile(record, text.slice(0, 40));
    await expect(honest.restart()).rejects.toMatchObject({ code: 'LOG_INVALID' });

    // Whoever has proven nothing goes by the signatures: that is what the bound is for.
    bystander.hanging = false;
    await until([bystander], () => bystander.finished.length === 1);
    // So does the other one once a person has taken its record away.
    await rm(record);
    await honest.restart();
    await honest.client.state(() => true);
    await until([honest], () => honest.finished.length === 1);
  });

  it('gains nothing by a sum of another round: only what was refuted is refused', async () => {
    const [honest, ...others] = await inOrder();
    await until([honest], () => honest.types().includes('refuse'));
    const record = join(honest.state, 'refuted-sum.json');
    const refuted = JSON.parse(await readFile(record, 'utf8')) as { sumRoot: string };
    expect(refuted.sumRoot).toBe((await only('opened')).sumRoot);
    await writeFile(record, JSON.stringify({ ...refuted, sumRoot: '0'.repeat(64) }));
    for (const member of others.slice(1)) await collude(member);
    await honest.client.until(() => honest.latest()?.phase === 'idle');
    await honest.restart();
    await honest.client.state(() => true);
    await until([honest], () => honest.finished.length === 1);
  });
});

describe('a site that does not audit', () => {
  const declining = (...ids: string[]) => begin((id) => (ids.includes(id) ? { audit: false } : {}));
  const isOver = () => members.every((member) => member.latest()?.phase === 'idle');

  it('says so at once, the next in order stand in, and it adopts the sum as all do', async () => {
    await declining('org-1', 'org-2');
    await until(members, () => members.every(({ finished }) => finished.length === 1));
    const signed = (await bodies('audit')).map(({ statement }) => statement.member);
    expect(signed.sort()).toEqual(['org-3', 'org-4']);
    for (const member of members.slice(0, 2)) {
      const refusals = member.sent.filter(({ type }) => type === 'refuse');
      expect(refusals).toEqual([expect.objectContaining({ phase: 'auditing', code: 'POLICY_REFUSED' })]);
    }
  });

  it('is one too many where too few are left: the round fails and names them', async () => {
    await declining('org-1', 'org-2', 'org-3');
    await until(members, isOver);
    const { code, got } = await only('abort');
    expect(code).toBe('AUDIT_INCOMPLETE');
    expect(got).toContain('org-1 refused: POLICY_REFUSED');
    for (const member of members) expect(member.finished).toEqual([]);
  });
});
