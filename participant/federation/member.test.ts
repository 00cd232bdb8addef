import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CordonError } from '../../protocol/errors.ts';
import { DrivenMember, type DrivenMemberOptions, oneHot, until } from '../../test/driven-member.ts';
import { TASK, TestCoordinator } from '../../test/running-coordinator.ts';
import type { LocalTraining } from './contribute.ts';

let coordinator: TestCoordinator;
let members: DrivenMember[] = [];
beforeEach(async () => {
  coordinator = await TestCoordinator.start(4);
});
afterEach(async () => {
  for (const member of members) await member.stop();
  await coordinator.stop();
});

async function begin(
  task: Partial<typeof TASK> = {},
  options: (place: number) => Partial<DrivenMemberOptions> = () => ({}),
): Promise<string> {
  members = [];
  for (let i = 0; i < 4; i++) {
    members.push(await DrivenMember.start(`org-${i + 1}`, coordinator, { train: oneHot(i), ...options(i) }));
  }
  const operator = await coordinator.operate();
  const { run } = (await (await operator.message('POST', '/v1/runs', { ...TASK, ...task })).json()) as {
    run: string;
  };
  operator.close();
  return run;
}

const of = (i: number): DrivenMember => {
  const member = members[i];
  if (!member) throw new Error(`no member ${i}`);
  return member;
};

const sumOf = async (round: number) => (await of(1).client.sum(round)).slice(0, 5);

async function kinds(): Promise<string[]> {
  return (await of(1).client.log()).map(({ entry }) => entry.kind);
}

const phase = (name: string) => () => of(1).latest()?.phase === name;
const finished = () => members.every((member) => member.finished.length === 1);

/** Whom an audit falls to is drawn anew in every round. */
const withoutAudits = ({ sent }: DrivenMember) => sent.filter(({ type }) => type !== 'audit');

describe('a member', () => {
  it('takes part in every round once, however often it is told to act, and computes the model that the others compute', async () => {
    await begin({ rounds: 2 });
    await until(members, finished);
    for (const member of members) {
      expect(withoutAudits(member).map(({ type }) => type)).toEqual([
        'checked',
        'answer',
        'checked',
        'answer',
      ]);
      expect(member.finished[0]).toEqual(of(0).finished[0]);
      expect(await readdir(join(member.state, 'outbox'))).toEqual([]);
    }
    expect(await sumOf(1)).toEqual([1, 1, 1, 1, 0]);
    expect(await sumOf(2)).toEqual([1, 1, 1, 1, 0]);
    expect((await kinds()).filter((kind) => kind === 'upload')).toHaveLength(8);
    // One chunk, which the two that it falls to have recomputed and signed for, once each; nobody else was asked.
    const audits = members.flatMap(({ sent, id }) =>
      sent.flatMap((one) => (one.type === 'audit' ? [[id, one.statement.round]] : [])),
    );
    expect(audits.map(([, number]) => String(number)).toSorted()).toEqual(['1', '1', '2', '2']);
    expect(new Set(audits.map(String)).size).toBe(4);
    expect((await kinds()).filter((kind) => kind === 'audit')).toHaveLength(4);
  });

  it('hears the whole log of a run along with the states, each entry once: it need not ask for any', async () => {
    await begin({ rounds: 2 });
    await until(members, finished);
    const { client } = of(0);
    const pushed = () =>
      client.messages.flatMap((message) => (message.type === 'state' ? (message.entries ?? []) : []));
    await client.until(() => pushed().at(-1)?.entry.kind === 'finish');
    const log = await client.log();
    expect(pushed()).toEqual(log.slice(-pushed().length));
    expect(pushed().map(({ entry }) => entry.kind)).toContain('task');
  });

  it('that restarts after its upload sends the same bytes, counts once, and is silent as a committee member', async () => {
    await begin();
    await until(members, phase('collecting'));
    expect(await of(0).act()).toBeNull();
    const outbox = join(of(0).state, 'outbox');
    const names = await readdir(outbox);
    const blob = await readFile(join(outbox, names.find((name) => name.endsWith('.blob')) ?? ''));
    await of(0).restart();
    await of(0).client.state(() => true);
    expect(await of(0).act()).toBeNull(); // the same receipt again
    expect(await readFile(join(outbox, names.find((name) => name.endsWith('.blob')) ?? ''))).toEqual(blob);
    of(0).sent.length = 0;
    await until(members, finished);
    expect(await sumOf(1)).toEqual([1, 1, 1, 1, 0]);
    expect(withoutAudits(of(0)).length).toBeGreaterThan(0);
    for (const said of withoutAudits(of(0)))
      expect(said).toMatchObject({ type: 'refuse', code: 'KEY_SPENT' });
    expect((await kinds()).filter((kind) => kind === 'answer')).toHaveLength(3);
  });

  it('that dies between journal and reply sends the journalled answer after its restart, and no other', async () => {
    await begin();
    of(0).losing = 'answer';
    await until(members, phase('opening'));
    expect(await of(0).act()).toBeNull();
    const [name = ''] = await readdir(join(of(0).state, 'answers'));
    const journalled: unknown = JSON.parse(await readFile(join(of(0).state, 'answers', name), 'utf8'));
    of(0).losing = null;
    await of(0).restart();
    await of(0).client.state(() => true);
    of(0).sent.length = 0;
    await of(0).act();
    expect(of(0).sent).toEqual([{ type: 'answer', answer: journalled }]);
    await until(members, finished);
    expect((await kinds()).filter((kind) => kind === 'answer')).toHaveLength(4);
  });

  it('says again on a new connection what may have been lost on the old one, once', async () => {
    await begin();
    for (const member of members) member.losing = 'checked';
    await until(members, () => members.every(({ lost }) => lost > 0));
    for (const member of members) member.losing = null;
    await of(0).act();
    expect(of(0).sent).toEqual([]);
    await of(0).reconnect();
    await of(0).client.state(() => true);
    await of(0).act();
    await of(0).act();
    expect(of(0).types()).toEqual(['checked']);
    for (const member of members.slice(1)) await member.reconnect();
    await until(members, finished);
    expect(await sumOf(1)).toEqual([1, 1, 1, 1, 0]);
  });

  it('whose gradient is not finite says so in every phase that waits for it; the others go on without a deadline', async () => {
    const notFinite: LocalTraining = () => {
      throw new CordonError('NOT_FINITE', {
        expected: 'numbers',
        got: 'NaN in W1 at 7',
        next: 'look at the data',
      });
    };
    await begin({}, (i) => (i === 3 ? { train: notFinite } : {}));
    const started = performance.now();
    await until(members, finished);
    expect(performance.now() - started).toBeLessThan(TASK.deadlines.collectSeconds * 1000);
    expect(await sumOf(1)).toEqual([1, 1, 1, 0, 0]);
    expect(withoutAudits(of(3))).toMatchObject([
      { type: 'refuse', phase: 'collecting', code: 'NOT_FINITE', got: 'NaN in W1 at 7' },
      { type: 'refuse', phase: 'checking', code: 'NOT_FINITE' },
      ...withoutAudits(of(3))
        .slice(2)
        .map(() => ({ type: 'refuse' })),
    ]);
  });

  it('whose policy forbids the task refuses it in every phase; the others go on at once', async () => {
    await begin({}, (i) => (i === 3 ? { policy: { leastCohort: 4 } } : {}));
    await until(members, finished);
    expect(await sumOf(1)).toEqual([1, 1, 1, 0, 0]);
    expect(withoutAudits(of(3))).toMatchObject([
      { type: 'refuse', phase: 'advertising', code: 'POLICY_REFUSED' },
      { type: 'refuse', phase: 'collecting', code: 'POLICY_REFUSED' },
      { type: 'refuse', phase: 'checking', code: 'POLICY_REFUSED' },
      ...withoutAudits(of(3))
        .slice(3)
        .map(() => ({ type: 'refuse' })),
    ]);
  });

  it('that serves on no committee contributes all the same', async () => {
    await begin({}, (i) => (i === 2 ? { policy: { serveOnCommittee: false } } : {}));
    await until(members, finished);
    expect(await sumOf(1)).toEqual([1, 1, 1, 1, 0]);
    expect(withoutAudits(of(2))).toMatchObject([
      { type: 'refuse', phase: 'advertising', code: 'POLICY_REFUSED' },
    ]);
    expect((await kinds()).filter((kind) => kind === 'answer')).toHaveLength(3);
  });

  it('survives the loss of its connection at any moment; nothing is counted twice or lost', async () => {
    await begin({ rounds: 2 });
    let turn = 0;
    const limit = performance.now() + 20_000;
    while (!finished() && performance.now() < limit) {
      turn += 1;
      const member = of(turn % 4);
      await member.act();
      if (turn % 3 === 0) {
        await member.reconnect();
        member.client.send({ type: 'ask-state' });
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(finished()).toBe(true);
    expect(await sumOf(1)).toEqual([1, 1, 1, 1, 0]);
    expect(await sumOf(2)).toEqual([1, 1, 1, 1, 0]);
  });
});
