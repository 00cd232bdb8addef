import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../protocol/codec/codec.ts';
import type { LogBody, SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import { DrivenMember, oneHot, until } from '../../test/driven-member.ts';
import { TASK, TestCoordinator } from '../../test/running-coordinator.ts';

let coordinator: TestCoordinator;
let members: DrivenMember[] = [];
let seed = 0;
beforeEach(async () => {
  coordinator = await TestCoordinator.start(3);
  await gather();
});
afterEach(async () => {
  for (const member of members) await member.stop();
  await coordinator.stop();
});

async function gather(): Promise<void> {
  for (const member of members) await member.stop();
  members = [];
  for (const i of [0, 1, 2]) {
    members.push(await DrivenMember.start(`org-${i + 1}`, coordinator, { train: oneHot(i) }));
  }
}

/** Each run starts from a model of its own: nobody trains twice from one whose sum was opened. */
async function begin(rounds: number): Promise<string> {
  const operator = await coordinator.operate();
  const response = await operator.message('POST', '/v1/runs', { ...TASK, rounds, seed: ++seed });
  operator.close();
  return ((await response.json()) as { run: string }).run;
}

async function cancel(run: string): Promise<void> {
  const operator = await coordinator.operate();
  await operator.http('DELETE', `/v1/runs/${run}`);
  operator.close();
}

const finished = (times: number) => () => members.every((member) => member.finished.length === times);
const phase = (name: string, round: number) => () =>
  members[0]?.client.messages.some(
    (message) => message.type === 'state' && message.phase === name && message.round === round,
  ) ?? false;

async function aborts(): Promise<Pick<LogBody<'abort'>, 'round' | 'code'>[]> {
  const log = (await members[0]?.client.log()) ?? [];
  return log.flatMap(({ entry }) =>
    entry.kind === 'abort' ? [{ round: entry.body.round, code: entry.body.code }] : [],
  );
}

/** Acts of a member that has never seen this log. */
async function reader(): Promise<string | null> {
  const stranger = await DrivenMember.start('org-1', coordinator, { train: oneHot(0) });
  stranger.client.send({ type: 'ask-state' });
  await stranger.client.state(() => true);
  const code = await stranger.act();
  await stranger.stop();
  return code;
}

describe('ends of runs as an honest coordinator writes them', () => {
  it('cancelled before a round, within it, in a later one and by a stop: members follow and take part in the next run', async () => {
    await cancel(await begin(5));
    const second = await begin(5);
    await until(members, phase('collecting', 6));
    await cancel(second);
    const third = await begin(5);
    await until(members, phase('collecting', 12));
    await cancel(third);
    await begin(5);
    await until(members, phase('advertising', 16));
    await coordinator.restart();
    for (const member of members) await member.reconnect();
    expect(await aborts()).toEqual([1, 6, 12, 16].map((round) => ({ round, code: 'ROUND_CANCELLED' })));
    await begin(1);
    await until(members, finished(1));
    expect(await reader()).toBeNull();
  });

  it('cut off by a crash at whatever entry of two rounds', async () => {
    await begin(2);
    await until(members, finished(1));
    const log: SignedLogEntryMessage[] = (await members[0]?.client.log()) ?? [];
    await coordinator.halt();
    const path = join(coordinator.state, 'log.bin');
    const whole = await readFile(path);
    const ends: number[] = [];
    for (const entry of log) ends.push((ends.at(-1) ?? 0) + 4 + encode(entry).length);
    expect(ends.at(-1)).toBe(whole.length);
    const seen = new Set<number>();
    for (const [i, end] of ends.slice(0, -1).entries()) {
      await coordinator.halt();
      await writeFile(path, whole.subarray(0, end));
      await coordinator.restart();
      expect(await reader()).toBeNull();
      const client = await coordinator.member('org-2');
      const added = (await client.log()).slice(i + 1);
      client.close();
      expect(added.map(({ entry }) => entry.kind)).toEqual(i === 0 ? [] : ['abort']);
      for (const { entry } of added) if (entry.kind === 'abort') seen.add(entry.body.round);
    }
    expect([...seen]).toEqual([1, 2]);
  });
});
