import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toCordonError } from '../protocol/errors.ts';
import { decode } from '../protocol/codec/codec.ts';
import { EPOCH_LIMITS, SignedEpochMessage } from '../protocol/messages/epoch.ts';
import { DrivenRound } from '../test/driven-round.ts';
import { TestCoordinator } from '../test/running-coordinator.ts';

let coordinator: TestCoordinator;
beforeEach(async () => {
  coordinator = await TestCoordinator.start(4);
});
afterEach(() => coordinator.stop());

async function kinds(): Promise<string[]> {
  const client = await coordinator.member('org-1');
  const found = (await client.log()).map(({ entry }) => entry.kind);
  client.close();
  return found;
}
const started = (work: Promise<void>): Promise<string> =>
  work.then(
    () => 'started',
    (error: unknown) => toCordonError(error).code,
  );
const logFile = () => join(coordinator.state, 'log.bin');

describe('a coordinator and the epochs of its roster file', () => {
  it('names every epoch in the log, once, in order, however many came at a time', async () => {
    const founded = coordinator.federation;
    const third = founded.next(5).next(4);
    await coordinator.restart(third);
    expect(await kinds()).toEqual(['genesis', 'epoch', 'epoch']);
    await coordinator.restart(third);
    expect(await kinds()).toEqual(['genesis', 'epoch', 'epoch']);
    await coordinator.restart(third.next(4));
    expect(await kinds()).toEqual(['genesis', 'epoch', 'epoch', 'epoch']);
  });

  it('does not go back to an earlier epoch, nor to another one of the same number', async () => {
    const founded = coordinator.federation;
    await coordinator.restart(founded.next(5));
    const before = await readFile(logFile());
    expect(await started(coordinator.restart(founded))).toBe('EPOCH_INVALID');
    expect(await started(coordinator.restart(founded.next(6)))).toBe('EPOCH_INVALID');
    expect(await readFile(logFile())).toEqual(before);
  });

  it('gives its epochs one by one to whoever is connected, and to nobody else', async () => {
    const grown = coordinator.federation.next(5);
    await coordinator.restart(grown);
    const client = await coordinator.member('org-5');
    for (const [number, epoch] of grown.chain.epochs.entries()) {
      const response = await client.http('GET', `/v1/epochs/${number}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      expect(decode(SignedEpochMessage, bytes, EPOCH_LIMITS)).toEqual(epoch);
    }
    for (const number of ['2', '-1', '0x0', '1e0', '99999999999999999999']) {
      expect([number, (await client.http('GET', `/v1/epochs/${number}`)).status]).toEqual([number, 404]);
    }
    expect((await fetch(`${coordinator.address}/v1/epochs/0`)).status).toBe(401);
    client.close();
  });

  it('a stranger, and a former member without its key, stay strangers', async () => {
    const founded = coordinator.federation;
    const without = founded.roster.members.slice(0, 3);
    const three = founded.next(3, { members: without, committee: without.map(({ id }) => id) });
    await coordinator.restart(three);
    const as = (id: string, sign: typeof founded.coordinator.sign) =>
      started(coordinator.connect({ role: 'member', id, sign }).then((client) => client.close()));
    expect(await as('org-4', founded.key('org-4').sign)).toBe('started');
    expect(await as('org-4', founded.key('org-3').sign)).toBe('UNAUTHENTICATED');
    expect(await as('org-9', founded.key('org-4').sign)).toBe('UNAUTHENTICATED');
    expect(await as('org-1', founded.key('org-4').sign)).toBe('SIGNATURE_INVALID');
  });

  it('hands its log over to a coordinator with another key, when no run is going on', async () => {
    const handed = coordinator.federation.next(4, {}, ['coordinator']);
    await coordinator.restart(handed);
    const round = await DrivenRound.start(coordinator);
    await round.complete();
    await round.end();
    expect((await kinds()).slice(0, 2)).toEqual(['genesis', 'epoch']);
  });

  it('with another key neither ends a run of the one before nor writes the epochs of others', async () => {
    const round = await DrivenRound.start(coordinator);
    await round.announced();
    const open = await readFile(logFile());
    await round.end();
    await coordinator.halt();
    const stopped = await readFile(logFile());
    await writeFile(logFile(), open); // as a crash leaves it
    const handed = coordinator.federation.next(4, {}, ['coordinator']);
    expect(await started(coordinator.restart(handed))).toBe('CONFIG_INVALID');
    expect(await readFile(logFile())).toEqual(open);
    await writeFile(logFile(), stopped);
    expect(await started(coordinator.restart(handed.next(4, {}, ['coordinator'])))).toBe('CONFIG_INVALID');
    expect(await started(coordinator.restart(handed))).toBe('started');
  });
});
