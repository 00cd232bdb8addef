import { createServer } from 'node:net';
import { once } from 'node:events';
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodePrimitives, systemRandom } from '../crypto/identity/node-primitives.ts';
import { DrivenRound } from '../test/driven-round.ts';
import { TestCoordinator, quietLogger } from '../test/running-coordinator.ts';
import { startCoordinator } from './coordinator.ts';

let coordinator: TestCoordinator;
beforeEach(async () => {
  coordinator = await TestCoordinator.start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await coordinator.stop();
});

/** Another coordinator of the same consortium on the same folder. */
function second(options: { port?: number; lines?: string[] } = {}) {
  const { chain, coordinator: key } = coordinator.federation;
  return startCoordinator(
    { host: '127.0.0.1', port: options.port ?? 0, stateDirectory: coordinator.state, chain, operators: [] },
    {
      primitives: nodePrimitives,
      random: systemRandom,
      sign: key.sign,
      publicKey: key.publicKey,
      now: () => Date.UTC(2026, 0, 1),
      elapsed: () => performance.now(),
      failpoint: () => false,
      logger: quietLogger(options.lines),
    },
  );
}

const log = () => readFile(join(coordinator.state, 'log.bin'));

describe('the state folder', () => {
  it('belongs to one coordinator: a second one is refused and touches nothing, not even the run in progress', async () => {
    const round = await DrivenRound.start(coordinator);
    await round.announced();
    const before = await log();
    await expect(second()).rejects.toMatchObject({
      code: 'STATE_IN_USE',
      expected: expect.stringContaining(coordinator.state),
      got: `process ${process.pid} works in it`,
    });
    expect(await log()).toEqual(before);
    expect((await round.upload(round.contribution('org-1'))).receipt?.entry.kind).toBe('upload');
    await round.end();
  });

  it('is free again after a stop, and after a process that was killed', async () => {
    await coordinator.halt();
    expect(await readdir(coordinator.state)).not.toContain('lock');
    await writeFile(join(coordinator.state, 'lock'), '4194304999 -\n');
    await coordinator.restart();
    expect(await readFile(join(coordinator.state, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
  });

  it('keeps its folders and files to its owner', async () => {
    const round = await DrivenRound.start(coordinator, { rounds: 1 });
    await round.announced();
    const contributions = round.members.map((id) => round.contribution(id));
    for (const contribution of contributions) await round.upload(contribution);
    const folders = ['', 'uploads', `uploads/${round.number}`, 'models'];
    await round.check(contributions);
    await round.client('org-1').state(({ phase }) => phase === 'opening');
    for (const id of round.members) round.sendAnswer(id, await round.answer(id, contributions));
    await round.audited();
    await round.client('org-1').state(({ phase }) => phase === 'published');
    folders.push('rounds');
    if (process.platform === 'win32') return;
    for (const name of folders) {
      const found = await stat(join(coordinator.state, name)).catch(() => null);
      if (name === `uploads/${round.number}` && !found) continue; // gone with the round
      expect([name, (found?.mode ?? 0) & 0o777]).toEqual([name, 0o700]);
    }
    await round.end();
  });
});

describe('a start that fails', () => {
  it('because the port is taken leaves no trace in the log, and the folder free', async () => {
    // The state as a crash in the middle of a run leaves it: the next start would end that run in the log.
    const round = await DrivenRound.start(coordinator);
    await round.announced();
    const crashed = await log();
    await round.end();
    await coordinator.halt();
    await writeFile(join(coordinator.state, 'log.bin'), crashed);

    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(second({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    expect(await log()).toEqual(crashed);
    expect(await readdir(coordinator.state)).not.toContain('lock');
    other.close();

    const free = await second();
    expect((await log()).length).toBeGreaterThan(crashed.length);
    await free.stop();
  });

  it('because the port is taken leaves nothing in a fresh state folder', async () => {
    await coordinator.halt();
    await rm(coordinator.state, { recursive: true });
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(second({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    expect(await readdir(coordinator.state)).toEqual([]);
    other.close();
  });

  it('because the log is damaged leaves the folder free', async () => {
    await coordinator.halt();
    const bytes = await log();
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    await writeFile(join(coordinator.state, 'log.bin'), bytes);
    await expect(second()).rejects.toMatchObject({ code: 'LOG_INVALID' });
    expect(await readdir(coordinator.state)).not.toContain('lock');
    await rm(join(coordinator.state, 'log.bin'));
    await (await second()).stop();
  });
});

describe('failpoints', () => {
  it('are said in the log at the start when they are set', async () => {
    await coordinator.halt();
    const lines: string[] = [];
    await (await second({ lines })).stop();
    expect(lines.join('')).not.toContain('CORDON_FAILPOINTS');
    vi.stubEnv('CORDON_FAILPOINTS', 'coordinator.blob=flip');
    await (await second({ lines })).stop();
    const warning = lines.map((line) => JSON.parse(line) as { level: number; msg: string });
    expect(
      warning.filter(({ level, msg }) => level === 40 && msg.includes('CORDON_FAILPOINTS')),
    ).toHaveLength(1);
  });
});
