import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEMPORARY_SUFFIX } from '../../crypto/identity/durable-file.ts';
import { CHECKPOINT_FILE, LIVE_FOLDER, writeCheckpoint } from '../../participant/live/checkpoint.ts';
import { TWIN_FILE, writeTwin } from '../../participant/twin/twin-file.ts';
import { TwinGraph } from '../../participant/twin/twin-graph.ts';
import { syntheticSite } from '../synthetic-site.ts';
import { runCli } from './run-cli.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-twin-cli-'));
  const { events } = syntheticSite({ seed: 1, people: 10, servers: 3, days: 2, campaigns: 1 });
  const twin = new TwinGraph();
  for (const event of events) twin.apply(event);
  await writeTwin(join(folder, TWIN_FILE), twin);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('cordon twin', () => {
  it('shows a state folder as tables and as one JSON object, and one host or account of it', async () => {
    const text = await runCli(['twin', 'show', folder]);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/role of hosts +hosts\n/);
    const json = await runCli(['twin', 'show', folder, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ sizes: { hosts: 13 } });
    const host = await runCli(['twin', 'show', join(folder, TWIN_FILE), '--host', 'S0', '--json']);
    expect(JSON.parse(host.stdout)).toMatchObject({ node: { name: 's0', kind: 'host' } });
    const account = await runCli(['twin', 'show', folder, '--account', 'u1@x']);
    expect(account.stdout).toMatch(/^u1@x: person\n/);
  });

  it('names the nearest hosts or accounts where it has none of the name', async () => {
    const host = await runCli(['twin', 'show', folder, '--host', 's00', '--json']);
    expect(host.code).toBe(1);
    expect(JSON.parse(host.stdout)).toMatchObject({
      error: {
        code: 'NOT_FOUND',
        got: 's00',
        next: expect.stringMatching(/^did you mean s0\? write it/) as string,
      },
    });
    const account = await runCli(['twin', 'show', folder, '--account', 'nobody-at-all']);
    expect(account.stderr).toMatch(/\n {2}next {6}write it as the logs do/);
  });

  it('makes a twin of logs where it is given logs', async () => {
    const log = join(folder, 'auth.txt');
    const line = 'U1@DOM1,U1@DOM1,C1,C2,Kerberos,Network,LogOn,Success';
    await writeFile(log, [1, 2, 3].map((second) => `${second},${line}\n`).join(''));
    const { code, stdout } = await runCli(['twin', 'show', log, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ sizes: { hosts: 2, accounts: 1, events: 3 } });
  });

  it('shows the twin of the last checkpoint of a participant that follows its logs, and changes nothing there', async () => {
    const state = await mkdtemp(join(tmpdir(), 'cordon-twin-live-'));
    const live = join(state, LIVE_FOLDER);
    await mkdir(live);
    const twin = await readFile(join(folder, TWIN_FILE));
    const part = Buffer.from('{}');
    await writeCheckpoint(join(live, CHECKPOINT_FILE), { stream: part, twin, samples: part, history: part });
    const beingWritten = `${randomUUID()}${TEMPORARY_SUFFIX}`;
    await writeFile(join(live, beingWritten), 'half');
    const { stdout } = await runCli(['twin', 'show', state, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ sizes: { hosts: 13 } });
    expect(await readdir(live)).toContain(beingWritten);
    await rm(state, { recursive: true });
  });

  it('takes times without a zone by the wall clock that is named', async () => {
    const log = join(folder, 'zone.json');
    const record = {
      EventTime: '2020-09-21 22:58:57',
      EventID: 4624,
      Channel: 'Security',
      Hostname: 'srv1.acme.example',
      LogonType: 3,
      TargetUserName: 'u1',
      TargetDomainName: 'ACME',
      IpAddress: '10.0.0.1',
    };
    await writeFile(log, `${JSON.stringify(record)}\n`);
    const first = async (...zone: string[]): Promise<number> => {
      const { stdout } = await runCli(['twin', 'show', log, '--json', ...zone]);
      return (JSON.parse(stdout) as { sizes: { first: number } }).sizes.first;
    };
    expect((await first('--time-zone', 'America/New_York')) - (await first())).toBe(4 * 3_600_000);
  });

  it('exports to a new file only', async () => {
    const out = join(folder, 'twin.graphml');
    const first = await runCli(['twin', 'export', folder, '--format', 'graphml', '--out', out, '--json']);
    const text = await readFile(out, 'utf8');
    expect(JSON.parse(first.stdout)).toMatchObject({ file: out, bytes: Buffer.byteLength(text) });
    expect(text.endsWith('</graphml>\n')).toBe(true);
    const copy = join(folder, 'copy');
    await runCli(['twin', 'export', folder, '--format', 'snapshot', '--out', copy]);
    expect(Buffer.compare(await readFile(copy), await readFile(join(folder, TWIN_FILE)))).toBe(0);
    const again = await runCli(['twin', 'export', folder, '--out', out, '--json']);
    expect(again.code).toBe(2);
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'OUTPUT_EXISTS' } });
    expect(await readFile(out, 'utf8')).toBe(text);
  });

  it('says in one error what is wrong, and leaves nothing behind', async () => {
    const damaged = join(folder, 'damaged');
    const bytes = await readFile(join(folder, TWIN_FILE));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(damaged, bytes);
    const before = await readdir(folder);
    const code = async (...args: string[]): Promise<unknown> => {
      const { stdout } = await runCli(['twin', ...args, '--json']);
      return (JSON.parse(stdout) as { error: { code: string } }).error.code;
    };
    expect(await code('show', damaged)).toBe('ENCODING_INVALID');
    expect(await code('export', damaged, '--out', join(folder, 'x.json'))).toBe('ENCODING_INVALID');
    expect(await code('show', join(folder, 'none'))).toBe('DATA_NOT_FOUND');
    expect(await code('show', folder, '--host', 'nobody')).toBe('NOT_FOUND');
    expect(await code('show', folder, '--host', 'a', '--account', 'b')).toBe('USAGE');
    expect(await code('export', folder, '--format', 'dot', '--out', join(folder, 'x.json'))).toBe('USAGE');
    expect(await readdir(folder)).toEqual(before);
  });
});
