import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noIncidents } from '../../test/no-incidents.ts';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { toOcsf } from '../../datasets/ocsf-json/write.ts';
import { ocsfLines } from '../../datasets/ocsf-json/format.ts';
import { partSettings } from '../../datasets/read-part.ts';
import { logon } from '../../test/auth-event.ts';
import { quietLogger } from '../../test/running-coordinator.ts';
import { Intake, type Receipt } from './intake.ts';
import { LiveSite } from './live-site.ts';
import { isSilent, liveMetrics } from './metrics.ts';
import { createServer } from './server.ts';
import { Spool } from './spool.ts';
import { Token } from './token.ts';

const NOW = Date.UTC(2026, 0, 2);
const TOKEN = 'a'.repeat(40);
const clocks = { now: () => NOW, elapsed: () => performance.now() };

/** An OCSF authentication as another producer writes it. */
const sent = (uid: string, time = NOW, user = 'ann') => ({
  class_uid: 3002,
  activity_id: 1,
  time,
  metadata: { uid, version: '1.3.0' },
  user: { name: user, domain: 'x' },
  src_endpoint: { hostname: 'pc1.x.example' },
  dst_endpoint: { hostname: 'srv1.x.example' },
  status_id: 1,
  auth_protocol_id: 2,
  logon_type_id: 3,
});

let folder: ReturnType<typeof temporaryFolder>;
let spool: Spool;
const spools: Spool[] = [];
let site: LiveSite;
let server: ReturnType<typeof createServer>;

async function open(): Promise<void> {
  mkdirSync(folder.path('logs'), { recursive: true });
  spool = await Spool.open(folder.path('state/spool'));
  site = await LiveSite.open(
    {
      watch: folder.path('logs'),
      state: folder.path('state'),
      incidents: noIncidents,
      trainUntil: null,
      learning: { seed: 1 },
      pollMs: 20,
      holdMs: 10,
      checkpointMs: 1e9,
      also: [{ folder: spool.folder, prefix: '//', settings: partSettings({ formats: [ocsfLines] }) }],
    },
    clocks,
    quietLogger(),
  );
  spools.push(spool);
  site.onCheckpoint = () => spool.remove(site.follower.taken('//'));
  writeFileSync(folder.path('token'), `${TOKEN}\n`, { mode: 0o600 });
  const registry = liveMetrics(site, spool, clocks);
  server = createServer({
    intake: {
      intake: new Intake(spool, site.pipeline, clocks.now),
      token: await Token.load(folder.path('token')),
    },
    metrics: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  });
}

beforeEach(async () => {
  folder = temporaryFolder();
  await open();
});
afterEach(async () => {
  await server.close();
  for (const one of spools.splice(0)) await one.close();
  folder[Symbol.dispose]();
});

const post = (payload: Buffer | string, headers: Record<string, string> = {}) =>
  server.inject({
    method: 'POST',
    url: '/v1/events',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-ndjson', ...headers },
    payload,
  });

const receipt = async (...values: unknown[]): Promise<Receipt> => {
  const answer = await post(values.map((value) => JSON.stringify(value)).join('\n'));
  expect(answer.statusCode).toBe(202);
  return answer.json();
};

/** Follows the logs until so many authentications have been taken. */
async function follow(events: number): Promise<void> {
  const stop = new AbortController();
  const running = site.run(stop.signal, () => undefined);
  for (let i = 0; i < 200 && site.pipeline.counts.events.auth < events; i++) await sleep(20);
  stop.abort();
  await running;
  expect(site.pipeline.counts.events.auth).toBe(events);
}

describe('events over HTTP', () => {
  it('are counted object by object, and the numbers add up', async () => {
    const counts = await receipt(
      sent('1'),
      sent('2'),
      sent('1'),
      sent('3', NOW + 6 * 60_000),
      { class_uid: 6003, time: NOW, metadata: {} },
      { nothing: true },
      17,
    );
    expect(counts).toMatchObject({ accepted: 2, late: 0, duplicate: 1, ignored: 1, rejected: 3 });
    expect(counts.reasons.map(({ reason }) => reason).join()).toContain('ahead of the clock');
  });

  it('that are nested too deeply to be written, or have a name without end, are rejected and leave the others as they are', async () => {
    const lines = [
      JSON.stringify(sent('1')),
      JSON.stringify(sent('2')).replace('"1.3.0"', `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
      JSON.stringify(sent('3', NOW, 'n'.repeat(1000))),
      JSON.stringify(sent('4')),
    ];
    const answer = await post(lines.join('\n'));
    expect(answer.json()).toMatchObject({ accepted: 2, rejected: 2 });
    expect(answer.json<Receipt>().reasons.map(({ reason }) => reason)).toEqual([
      'nested too deeply',
      'a name longer than 512 characters',
    ]);
    await follow(2);
  });

  it('are on disk when they are acknowledged, and taken after a crash at that moment', async () => {
    await receipt(sent('1'), sent('2'));
    // Half a line of a request that was never acknowledged.
    const [piece = ''] = readdirSync(spool.folder);
    appendFileSync(`${spool.folder}/${piece}`, '{"class_uid":3002,"ti');
    await server.close();
    await open();
    expect(readFileSync(`${spool.folder}/${piece}`, 'utf8').split('\n')).toHaveLength(3);
    await receipt(sent('3'));
    await follow(3);
    expect(site.follower.stats.rejects).toBe(0);
    expect(site.twin.host('pc1.x.example')).not.toBeNull();
  });

  it('sent again count once, while they wait and after they have been taken, also after a restart', async () => {
    await receipt(sent('1'));
    expect(await receipt(sent('1'))).toMatchObject({ accepted: 0, duplicate: 1 });
    await follow(1);
    expect(await receipt(sent('1'))).toMatchObject({ accepted: 0, duplicate: 1 });
    await server.close();
    await spool.close();
    await open();
    expect(await receipt(sent('1'))).toMatchObject({ accepted: 0, duplicate: 1 });
    await receipt(sent('2'));
    await follow(2);
  });

  it('far behind the newest are said to be late and are in the twin', async () => {
    await receipt(sent('1'));
    await follow(1);
    await open();
    expect(await receipt(sent('2', NOW - 10 * 60_000, 'late'))).toMatchObject({ accepted: 0, late: 1 });
    await follow(2);
    expect(site.pipeline.counts.late).toBe(1);
    expect(site.twin.account('late@x')).not.toBeNull();
  });

  it('leave the spool once a checkpoint has them', async () => {
    await receipt(sent('1'));
    await server.close();
    await spool.close();
    await open();
    await receipt(sent('2'));
    expect(readdirSync(spool.folder)).toHaveLength(2);
    await follow(2);
    expect(readdirSync(spool.folder)).toHaveLength(1);
  });

  it('come as a list, as one object, packed, and as what toOcsf writes', async () => {
    const own = toOcsf({ ...logon(0, 'a', 'b'), time: NOW });
    const list = await post(JSON.stringify([sent('1'), own]), { 'content-type': 'application/json' });
    expect(list.json()).toMatchObject({ accepted: 2 });
    const packed = await post(gzipSync(JSON.stringify(sent('2'))), { 'content-encoding': 'gzip' });
    expect(packed.json()).toMatchObject({ accepted: 1 });
    await follow(3);
  });

  it.each([
    ['no token', { authorization: '' }, '{}', 401, 'UNAUTHENTICATED'],
    ['another token', { authorization: `Bearer ${'b'.repeat(40)}` }, '{}', 401, 'UNAUTHENTICATED'],
    ['no JSON', {}, '{"a":', 400, 'MESSAGE_MALFORMED'],
    ['nothing', {}, '', 400, 'MESSAGE_MALFORMED'],
    ['half a gzip', { 'content-encoding': 'gzip' }, gzipSync('{}').subarray(0, 12), 400, 'MESSAGE_MALFORMED'],
    ['another packing', { 'content-encoding': 'br' }, '{}', 400, 'MESSAGE_MALFORMED'],
    ['too much', {}, Buffer.alloc(9 * 2 ** 20, 0x20), 413, 'MESSAGE_TOO_LARGE'],
    [
      'too much, packed',
      { 'content-encoding': 'gzip' },
      gzipSync(Buffer.alloc(40 * 2 ** 20)),
      413,
      'MESSAGE_TOO_LARGE',
    ],
    ['too many', {}, `[${'1,'.repeat(50_001)}1]`, 413, 'MESSAGE_TOO_LARGE'],
  ] as const)('are refused with %s', async (_, headers, payload, status, code) => {
    const answer = await post(payload, headers);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code });
    expect(spool.bytes).toBe(0);
  });

  it('wait with 429 while too much waits on disk', async () => {
    spool.bytes = 300 * 2 ** 20;
    const answer = await post(JSON.stringify(sent('1')));
    expect(answer.statusCode).toBe(429);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  });

  it('need a token file that nobody else can read', async () => {
    await expect(Token.load(folder.path('none'))).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      next: expect.stringContaining('openssl rand') as string,
    });
    chmodSync(folder.path('token'), 0o640);
    await expect(Token.load(folder.path('token'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    writeFileSync(folder.path('short'), 'secret', { mode: 0o600 });
    await expect(Token.load(folder.path('short'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(statSync(folder.path('short')).mode & 0o777).toBe(0o600);
  });
});

describe('metrics', () => {
  it('show what was taken, rejected, late, ahead and lost', async () => {
    await receipt(sent('1'), sent('2', NOW - 60_000));
    await follow(2);
    const { statusCode, body, headers } = await server.inject('/metrics');
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toContain('cordon_events_total{type="auth"} 2');
    expect(body).toContain('cordon_lag_seconds 0');
    expect(body).toContain('cordon_lane_items_total{lane="//http"}');
    expect(body).toContain('cordon_twin_size{kind="hosts"} 2');
    for (const name of ['rejects_total', 'late_total', 'duplicates_total', 'ahead_total', 'lost_bytes_total'])
      expect(body).toContain(`cordon_${name} 0`);
    expect(body).toMatch(/cordon_checkpoint_age_seconds [\d.]+/);
    expect((await server.inject('/healthz')).json()).toEqual({ ok: true });
  });

  it('a lane is silent after far more than its usual interval, and never before it has one', () => {
    expect(isSilent({ lastItem: 0, usualMs: null }, 1e9)).toBe(false);
    expect(isSilent({ lastItem: 0, usualMs: 1000 }, 59_000)).toBe(false);
    expect(isSilent({ lastItem: 0, usualMs: 1000 }, 61_000)).toBe(true);
    expect(isSilent({ lastItem: 0, usualMs: 60_000 }, 1_000_000)).toBe(false);
    expect(isSilent({ lastItem: 0, usualMs: 60_000 }, 1_300_000)).toBe(true);
  });
});
