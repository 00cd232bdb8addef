import { createConnection } from 'node:net';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CODEC_LIMITS } from '../protocol/codec/limits.ts';
import { contribute } from '../test/crypto-contribution.ts';
import { DrivenRound } from '../test/driven-round.ts';
import { TASK, TestCoordinator, type TestClient } from '../test/running-coordinator.ts';

let coordinator: TestCoordinator;
beforeEach(async () => {
  coordinator = await TestCoordinator.start(3);
});
afterEach(() => coordinator.stop());

interface Summary {
  run: string;
  status: string;
  firstRound: number;
  published: number;
  failure: { code: string; got: string } | null;
}

async function codeOf(response: Response): Promise<[number, string]> {
  const { code } = (await response.json()) as { code: string };
  return [response.status, code];
}

async function runs(client: TestClient): Promise<Summary[]> {
  return ((await (await client.http('GET', '/v1/runs')).json()) as { runs: Summary[] }).runs;
}

async function over(client: TestClient, run: string): Promise<Summary> {
  for (let i = 0; i < 200; i++) {
    const found = (await runs(client)).find((one) => one.run === run);
    if (found && found.status !== 'running') return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('still running');
}

describe('who may ask what', () => {
  const PATHS: [string, string][] = [
    ['GET', '/v1/log?from=0'],
    ['GET', '/v1/runs'],
    ['GET', '/v1/runs/x'],
    ['GET', '/v1/rounds/1/sum'],
    ['GET', '/v1/rounds/1/shares/1'],
    ['GET', `/v1/models/${'0'.repeat(64)}`],
    ['HEAD', `/v1/uploads/${'0'.repeat(64)}`],
    ['DELETE', '/v1/runs/x'],
    ['POST', '/v1/runs'],
    ['POST', '/v1/uploads'],
    ['PATCH', `/v1/uploads/${'0'.repeat(64)}`],
  ];

  it('nobody reads or writes anything without the token of a standing connection', async () => {
    for (const authorization of [
      null,
      'Bearer',
      `Bearer ${'A'.repeat(43)}`,
      'Basic eDp5',
      `Bearer ${'A'.repeat(5000)}`,
    ]) {
      for (const [method, path] of PATHS) {
        const response = await fetch(coordinator.address + path, {
          method,
          headers: authorization === null ? {} : { authorization },
        });
        expect([method, path, response.status]).toEqual([method, path, 401]);
      }
    }
  });

  it('members read, operators start and cancel; neither does the other', async () => {
    const member = await coordinator.member('org-1');
    const operator = await coordinator.operate();
    expect(await codeOf(await member.message('POST', '/v1/runs', TASK))).toEqual([403, 'FORBIDDEN']);
    expect(await codeOf(await member.http('DELETE', '/v1/runs/x'))).toEqual([403, 'FORBIDDEN']);
    expect(await codeOf(await operator.message('POST', '/v1/uploads', {}))).toEqual([403, 'FORBIDDEN']);
    expect(await codeOf(await operator.http('GET', '/v1/rounds/1/shares/1'))).toEqual([403, 'FORBIDDEN']);
    expect(await runs(member)).toEqual([]);
    expect(await codeOf(await operator.http('GET', '/v1/runs/run-0'))).toEqual([404, 'NOT_FOUND']);
    expect(await codeOf(await operator.http('DELETE', '/v1/runs/constructor'))).toEqual([404, 'NOT_FOUND']);
    member.close();
    operator.close();
  });
});

describe('bad requests', () => {
  it('each gets one answer with its code, and the coordinator goes on', async () => {
    const client = await coordinator.member('org-1');
    const operator = await coordinator.operate();
    const get = (path: string) => client.http('GET', path).then(codeOf);
    expect(await get('/')).toEqual([404, 'NOT_FOUND']);
    expect(await get('/v1/nothing')).toEqual([404, 'NOT_FOUND']);
    expect(await get(`/v1/models/${'a'.repeat(200)}`)).toEqual([400, 'MESSAGE_MALFORMED']);
    expect(await get('/v1/models/..%2f..%2flog.bin')).toEqual([404, 'NOT_FOUND']);
    expect(await get('/v1/rounds/..%2f1/sum')).toEqual([400, 'MESSAGE_MALFORMED']);
    expect(await get('/v1/rounds/1.0/sum')).toEqual([400, 'MESSAGE_MALFORMED']);
    expect(await get('/v1/rounds/7/sum')).toEqual([404, 'NOT_FOUND']);
    expect(await get('/v1/rounds/7/shares/1')).toEqual([409, 'STALE_ROUND']);
    for (const from of ['', 'x', '-1', '1.5', '1e3', '9'.repeat(20), '0&from=1']) {
      expect([from, await get(`/v1/log?from=${from}`)]).toEqual([from, [400, 'MESSAGE_MALFORMED']]);
    }
    expect(await get('/v1/log')).toEqual([400, 'MESSAGE_MALFORMED']);
    expect(await get('/%ff')).toEqual([400, 'MESSAGE_MALFORMED']);

    const post = (init: { body?: Uint8Array | string; type?: string }) =>
      operator.http('POST', '/v1/runs', init).then(codeOf);
    expect(await post({})).toEqual([400, 'MESSAGE_MALFORMED']);
    expect(await post({ body: '{}', type: 'application/json' })).toEqual([400, 'MESSAGE_MALFORMED']);
    expect(await post({ body: '{}', type: 'text/plain' })).toEqual([400, 'MESSAGE_MALFORMED']);
    expect(await post({ body: Uint8Array.of(0xc1), type: 'application/msgpack' })).toEqual([
      400,
      'MESSAGE_MALFORMED',
    ]);
    expect(
      await post({ body: new Uint8Array(CODEC_LIMITS.maxBytes + 1), type: 'application/msgpack' }),
    ).toEqual([413, 'MESSAGE_TOO_LARGE']);
    expect(await post({ body: Uint8Array.of(1), type: 'application/octet-stream' })).toEqual([
      400,
      'MESSAGE_MALFORMED',
    ]);
    expect(await codeOf(await operator.message('POST', '/v1/runs', { ...TASK, rounds: 0 }))).toEqual([
      400,
      'MESSAGE_MALFORMED',
    ]);
    expect(await codeOf(await operator.message('POST', '/v1/runs', { ...TASK, kMin: 4 }))).toEqual([
      400,
      'CONFIG_INVALID',
    ]);
    const tight = { ...TASK, quantiser: { ...TASK.quantiser, layout: '6x13' } };
    expect(await codeOf(await operator.message('POST', '/v1/runs', tight))).toEqual([400, 'CONFIG_INVALID']);
    expect(await codeOf(await client.message('POST', '/v1/uploads', { a: 1 }))).toEqual([
      400,
      'MESSAGE_MALFORMED',
    ]);
    expect((await fetch(`${coordinator.address}/healthz`)).status).toBe(200);
    expect(coordinator.lines.filter((line) => line.includes('request failed'))).toEqual([]);
    client.close();
    operator.close();
  });

  it('broken HTTP is answered or hung up on, and harms nobody', async () => {
    const { hostname, port } = new URL(coordinator.address);
    for (const text of [
      '\u0000\u0001\u0002\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
      'POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n',
      'GET /v1/control HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      'GET /other HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    ]) {
      const socket = createConnection(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.resume();
      socket.write(text);
      await new Promise((resolve) => socket.on('close', resolve));
    }
    const member = await coordinator.member('org-1');
    member.close();
  });
});

describe('runs', () => {
  it('go one at a time, and a cancelled one is over in the log', async () => {
    const operator = await coordinator.operate();
    const started = (await (await operator.message('POST', '/v1/runs', TASK)).json()) as Summary;
    expect(await codeOf(await operator.message('POST', '/v1/runs', TASK))).toEqual([409, 'RUN_ACTIVE']);
    await operator.http('DELETE', `/v1/runs/${started.run}`);
    const ended = await over(operator, started.run);
    // Who sees the run over finds the report of its round.
    const shown = await operator.http('GET', `/v1/runs/${started.run}`);
    expect(((await shown.json()) as { reports: unknown[] }).reports).toHaveLength(1);
    expect(ended).toMatchObject({
      status: 'cancelled',
      failure: { code: 'ROUND_CANCELLED' },
    });
    const again = await operator.http('DELETE', `/v1/runs/${started.run}`);
    expect(again.status).toBe(200);
    operator.close();
  });

  it('cancelled before their first round has begun do not go on for ever', async () => {
    const operator = await coordinator.operate();
    // Both requests are on the way before the task is in the log.
    const started = (await (
      await operator.message('POST', '/v1/runs', { ...TASK, rounds: 5 })
    ).json()) as Summary;
    await operator.http('DELETE', `/v1/runs/${started.run}`);
    expect((await over(operator, started.run)).status).toBe('cancelled');
    const kinds = (await operator.log()).map(({ entry }) => entry.kind);
    expect(kinds).toEqual(['genesis', 'task', 'abort']);
    operator.close();
  });

  it('a stop ends the run at once: the graceful stop does not wait for deadlines', async () => {
    const operator = await coordinator.operate();
    await operator.message('POST', '/v1/runs', TASK);
    const before = performance.now();
    await coordinator.restart();
    expect(performance.now() - before).toBeLessThan(3000);
    const later = await coordinator.operate();
    expect(await runs(later)).toMatchObject([{ status: 'cancelled' }]);
    later.close();
  });

  it('whose disk fails are over with that reason, and the next run finds a coordinator in order', async () => {
    const operator = await coordinator.operate();
    await rm(join(coordinator.state, 'models'), { recursive: true, force: true });
    // A file stands where the folder of the models should be.
    await writeFile(join(coordinator.state, 'models'), '');
    const started = (await (await operator.message('POST', '/v1/runs', TASK)).json()) as Summary;
    const ended = await over(operator, started.run);
    expect(ended.status).toBe('failed');
    expect(ended.failure?.code).toBeTypeOf('string');
    await rm(join(coordinator.state, 'models'));
    expect((await operator.log()).at(-1)?.entry.kind).toBe('abort');
    const next = (await (await operator.message('POST', '/v1/runs', TASK)).json()) as Summary;
    expect(next.firstRound).toBe(started.firstRound + 1);
    operator.close();
  });
});

describe('after a crash of the coordinator', () => {
  it('the run that it cut off is failed in the log, rounds are never used again, and old blobs go', async () => {
    // The state as a process that was killed while it collected leaves it: copied while the round is open.
    const round = await DrivenRound.start(coordinator, { rounds: 3 });
    const crypto = await round.announced();
    await round.upload(contribute(crypto, 'org-1'));
    const before = await round.client('org-1').log();
    const copy = await mkdtemp(join(tmpdir(), 'cordon-killed-'));
    await cp(coordinator.state, copy, { recursive: true });
    await round.end();
    await coordinator.restart(); // ends the run properly in the original
    await rm(coordinator.state, { recursive: true, force: true });
    await cp(copy, coordinator.state, { recursive: true });
    await rm(copy, { recursive: true, force: true });
    await coordinator.restart();

    const member = await coordinator.member('org-1');
    const log = await member.log();
    expect(log.slice(0, before.length)).toEqual(before);
    const last = log.at(-1)?.entry;
    expect(last?.kind === 'abort' && last.body).toMatchObject({
      run: round.run,
      round: 1,
      code: 'ROUND_FAILED',
    });
    expect(log).toHaveLength(before.length + 1);
    expect(await runs(member)).toMatchObject([{ run: round.run, status: 'failed' }]);
    await member.state(({ phase }) => phase === 'idle');

    const operator = await coordinator.operate();
    expect(await readdir(join(coordinator.state, 'uploads'))).toEqual(['1']);
    const next = (await (await operator.message('POST', '/v1/runs', TASK)).json()) as Summary;
    expect(next.firstRound).toBe(4);
    await operator.http('DELETE', `/v1/runs/${next.run}`);
    await over(operator, next.run);
    expect(await readdir(join(coordinator.state, 'uploads'))).toEqual([]);
    // Opened once more, nothing is added: the cut-off run is closed once.
    const size = (await member.log()).length;
    member.close();
    operator.close();
    await coordinator.restart();
    const later = await coordinator.member('org-2');
    expect(await later.log()).toHaveLength(size);
    later.close();
  });
});

describe('what comes with the state', () => {
  it('is for members what is new in the log; operators, and whoever asks, hear the state alone', async () => {
    const [member, operator] = [await coordinator.member('org-1'), await coordinator.operate()];
    const entriesOf = ({ messages }: typeof member) =>
      messages.flatMap((message) => (message.type === 'state' ? (message.entries ?? []) : []));
    const before = (await member.log()).length;
    await operator.message('POST', '/v1/runs', TASK);
    await member.state(({ phase }) => phase === 'advertising');
    const log = await member.log();
    expect(log.at(-1)?.entry.kind).toBe('task');
    expect(entriesOf(member).slice(-1)).toEqual(log.slice(before));
    expect(entriesOf(operator)).toEqual([]);
    await operator.state(({ phase }) => phase === 'advertising');
    member.messages.length = 0;
    member.send({ type: 'ask-state' });
    expect(await member.state(() => true)).not.toHaveProperty('entries');
    operator.close();
    member.close();
  });
});
