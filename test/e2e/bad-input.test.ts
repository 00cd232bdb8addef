import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { Workspace, foundConsortium, writeConfigurations } from '../../experiments/demo/workspace.ts';
import { runCli } from './run-cli.ts';

let folder: string;
let workspace: Workspace;
const MEMBERS = ['acme', 'borg', 'corp'];
/** An address where nobody listens. */
const NOWHERE = 'http://127.0.0.1:9';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-bad-'));
  workspace = await Workspace.create(join(folder, 'consortium'));
  await foundConsortium(workspace, MEMBERS);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs with --json and expects the four fields, and nothing but one object on standard output. */
async function refusal(args: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout } = await runCli([...args, '--json'], { env });
  expect(stdout.trim().split('\n')).toHaveLength(1);
  const { error } = JSON.parse(stdout) as { error: Record<string, string> };
  for (const field of ['code', 'expected', 'got', 'next']) expect(error[field]).toMatch(/\S/);
  return { exit: code, code: error['code'], error };
}

async function participantWith(events: string, more: object = {}): Promise<string> {
  const sites = new Map([['acme', { events, incidents: null, trainUntil: null }]]);
  await writeConfigurations(workspace, NOWHERE, sites, () => 1);
  const path = workspace.member('acme', 'participant.yaml');
  if (Object.keys(more).length > 0) await writeFile(path, stringify(more));
  return path;
}

describe('cordon demo', () => {
  it('a missing data folder', async () => {
    expect(await refusal(['demo', '--data', join(folder, 'nothing')])).toMatchObject({
      exit: 2,
      code: 'DATA_NOT_FOUND',
    });
  });

  it('a folder of files that no reader recognises', async () => {
    const path = join(folder, 'garbage');
    await mkdir(path);
    await writeFile(join(path, 'a.bin'), Buffer.from([0, 1, 2, 3, 255, 254]));
    expect(await refusal(['demo', '--data', path])).toMatchObject({ exit: 1, code: 'FORMAT_UNKNOWN' });
  });

  it('too few members, and numbers that are none', async () => {
    expect(await refusal(['demo', '--members', '2'])).toMatchObject({ exit: 2, code: 'USAGE' });
    expect(await refusal(['demo', '--rounds', 'many'])).toMatchObject({ exit: 2, code: 'USAGE' });
    expect(await refusal(['demo', '--no-such-option'])).toMatchObject({ exit: 2, code: 'USAGE' });
  });

  it('a folder to keep that is not empty stays as it is', async () => {
    const path = join(folder, 'used');
    await mkdir(path);
    await writeFile(join(path, 'mine.txt'), 'mine');
    expect(await refusal(['demo', '--out', path])).toMatchObject({ exit: 2, code: 'OUTPUT_EXISTS' });
    expect(await readdir(path)).toEqual(['mine.txt']);
  });

  it('a file where a folder is to be made, and a level of logs that does not exist', async () => {
    const path = join(folder, 'a-file');
    await writeFile(path, 'mine');
    expect(await refusal(['demo', '--out', path])).toMatchObject({ exit: 2, code: 'OUTPUT_EXISTS' });
    const loud = await refusal(['demo', '--rounds', '1'], { CORDON_LOG: 'loud' });
    expect(loud).toMatchObject({ exit: 2, code: 'CONFIG_INVALID' });
  });

  it('a failpoint that does not exist', async () => {
    const found = await refusal(['demo', '--rounds', '1'], { CORDON_FAILPOINTS: 'participant.nowhere=kill' });
    expect(found).toMatchObject({ exit: 2, code: 'CONFIG_INVALID' });
  });

  it('an interrupt ends every process and removes the temporary folder', async () => {
    const temporary = join(folder, 'tmp');
    await mkdir(temporary);
    const { code } = await runCli(['demo', '--rounds', '500', '--json'], {
      env: { TMPDIR: temporary },
      killAfterMs: 6000,
    });
    expect(code).toBe(130);
    expect(await readdir(temporary)).toEqual([]);
  });
});

describe('cordon coordinator serve', () => {
  const config = () => workspace.path('coordinator', 'coordinator.yaml');
  const withListen = async (name: string, change: object) => {
    const path = workspace.path('coordinator', name);
    const base = {
      listen: { host: '127.0.0.1', port: 0 },
      state: `state-${name}`,
      key: 'key.pem',
      roster: '../roster.json',
      operators: [],
    };
    await writeFile(path, stringify({ ...base, ...change }));
    return path;
  };

  it('a port in use', async () => {
    const blocker = createServer();
    const port = await new Promise<number>((resolve) => {
      blocker.listen(0, '127.0.0.1', () => resolve((blocker.address() as { port: number }).port));
    });
    const path = await withListen('busy.yaml', { listen: { host: '127.0.0.1', port } });
    const found = await refusal(['coordinator', 'serve', path]);
    blocker.close();
    expect(found).toMatchObject({ exit: 1, code: 'PORT_IN_USE' });
    expect(found.error['expected']).toContain(String(port));
  });

  it('an address that is not one of this machine', async () => {
    const path = await withListen('far.yaml', { listen: { host: '192.0.2.1', port: 0 } });
    expect(await refusal(['coordinator', 'serve', path])).toMatchObject({ exit: 2, code: 'CONFIG_INVALID' });
  });

  it('a missing file, text that is not YAML, a field that is unknown, a key that is not in the roster', async () => {
    expect(await refusal(['coordinator', 'serve', `${config()}.no`])).toMatchObject({
      exit: 2,
      code: 'DATA_NOT_FOUND',
    });
    const broken = join(folder, 'broken.yaml');
    await writeFile(broken, 'listen: [unclosed');
    expect(await refusal(['coordinator', 'serve', broken])).toMatchObject({
      exit: 2,
      code: 'CONFIG_INVALID',
    });
    const unknown = await withListen('unknown.yaml', { colour: 'red' });
    const found = await refusal(['coordinator', 'serve', unknown]);
    expect(found).toMatchObject({ exit: 2, code: 'CONFIG_INVALID' });
    const foreign = await withListen('foreign.yaml', { key: '../members/acme/key.pem' });
    expect(await refusal(['coordinator', 'serve', foreign])).toMatchObject({
      exit: 2,
      code: 'CONFIG_INVALID',
    });
  });
});

describe('cordon participant run', () => {
  it('a gz file that is cut short', async () => {
    const lines = Array.from(
      { length: 2000 },
      (_, i) => `${i},U1@DOM1,U1@DOM1,C${i % 7},C2,Kerberos,Network,LogOn,Success`,
    );
    const whole = gzipSync(lines.join('\n'));
    const path = join(folder, 'cut.txt.gz');
    await writeFile(path, whole.subarray(0, whole.length / 2));
    const found = await refusal(['participant', 'run', await participantWith(path)]);
    expect(found).toMatchObject({ exit: 1, code: 'FILE_TRUNCATED' });
  });

  it('a file of which too many lines do not parse', async () => {
    const good = '1,U1@DOM1,U1@DOM1,C1,C2,Kerberos,Network,LogOn,Success\n';
    const path = join(folder, 'bad.txt');
    await writeFile(path, good.repeat(150) + 'what,is,this\n'.repeat(100));
    const found = await refusal(['participant', 'run', await participantWith(path)]);
    expect(found).toMatchObject({ exit: 1, code: 'TOO_MANY_REJECTS' });
  });

  it('a file without any logon', async () => {
    const path = join(folder, 'logoff.txt');
    await writeFile(path, '1,U1@DOM1,U1@DOM1,C1,C2,?,Network,LogOff,Success\n'.repeat(20));
    const found = await refusal(['participant', 'run', await participantWith(path)]);
    expect(found).toMatchObject({ exit: 1, code: 'DATA_INSUFFICIENT' });
  });

  it('a configuration of another shape', async () => {
    const found = await refusal(['participant', 'run', await participantWith('x', { member: 'acme' })]);
    expect(found).toMatchObject({ exit: 2, code: 'CONFIG_INVALID' });
  });
});

describe('cordon round and datasets', () => {
  it('a coordinator that is not there', async () => {
    await writeConfigurations(workspace, NOWHERE, new Map(), () => 1);
    const operator = workspace.path('operator', 'operator.yaml');
    expect(await refusal(['round', 'ls', '--operator', operator])).toMatchObject({
      exit: 1,
      code: 'COORDINATOR_UNREACHABLE',
    });
  });

  it('a key file that others may read', async () => {
    await writeConfigurations(workspace, NOWHERE, new Map(), () => 1);
    const loose = workspace.path('operator', 'loose.pem');
    await writeFile(loose, 'whatever', { mode: 0o644 });
    const config = { id: 'operator', coordinator: NOWHERE, key: 'loose.pem', roster: '../roster.json' };
    const path = workspace.path('operator', 'loose.yaml');
    await writeFile(path, stringify(config));
    expect(await refusal(['round', 'ls', '--operator', path])).toMatchObject({
      exit: 2,
      code: 'CONFIG_INVALID',
    });
  });

  it('a data set that is not there, and one that no reader recognises', async () => {
    expect(await refusal(['datasets', 'inspect', join(folder, 'nothing')])).toMatchObject({
      exit: 2,
      code: 'DATA_NOT_FOUND',
    });
    const path = join(folder, 'poem.txt');
    await writeFile(path, 'roses are red\n');
    expect(await refusal(['datasets', 'inspect', path])).toMatchObject({ exit: 1, code: 'FORMAT_UNKNOWN' });
  });

  it('a time zone that nobody knows, rejects where no file can be, a log that is cut short', async () => {
    const path = join(folder, 'auth.txt');
    await writeFile(path, '1,U1@D,U1@D,C1,C2,Kerberos,Network,LogOn,Success\n'.repeat(1000));
    const inspect = ['datasets', 'inspect', path];
    expect(await refusal([...inspect, '--time-zone', 'Mars'])).toMatchObject({ exit: 2, code: 'USAGE' });
    expect(await refusal([...inspect, '--max-rejects', '101'])).toMatchObject({ exit: 2, code: 'USAGE' });
    expect(await refusal([...inspect, '--rejects', join(folder, 'no', 'where')])).toMatchObject({
      exit: 2,
      code: 'DATA_NOT_FOUND',
    });
    const packed = gzipSync(await readFile(path));
    await writeFile(join(folder, 'cut.gz'), packed.subarray(0, -10));
    const rejects = join(folder, 'rejects.jsonl');
    expect(
      await refusal(['datasets', 'inspect', join(folder, 'cut.gz'), '--rejects', rejects]),
    ).toMatchObject({
      exit: 1,
      code: 'FILE_TRUNCATED',
    });
    expect(await readFile(rejects, 'utf8')).toBe('');
  });

  it('a folder with a log that is cut short: the others are inspected, and the exit code says so', async () => {
    const logs = join(folder, 'logs');
    await mkdir(logs);
    const rows = '1,U1@D,U1@D,C1,C2,Kerberos,Network,LogOn,Success\n'.repeat(1000);
    for (const name of ['auth.txt', 'more.txt']) await writeFile(join(logs, name), rows);
    await writeFile(join(logs, 'cut.gz'), gzipSync(rows).subarray(0, -10));
    const { code, stdout } = await runCli(['datasets', 'inspect', logs, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ skipped: [{ file: 'cut.gz', code: 'FILE_TRUNCATED' }] });
    const people = await runCli(['datasets', 'inspect', logs]);
    expect(people.code).toBe(1);
    expect(people.stdout).toContain('Warning    the counts are incomplete: 1 file');
    expect(people.stderr).toMatch(
      /^Reading file 1\nReading file 2\nerror FILE_TRUNCATED: .*\n.*\n {2}got {7}cut\.gz: .*\n.*\n$/,
    );
  });

  it('a simulation into a folder that is not empty', async () => {
    const found = await refusal(['datasets', 'simulate', '--out', folder]);
    expect(found).toMatchObject({ exit: 2, code: 'OUTPUT_EXISTS' });
  });

  it('people get the same as text on standard error, with the same exit code', async () => {
    const { code, stdout, stderr } = await runCli(['datasets', 'inspect', join(folder, 'nothing')]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error DATA_NOT_FOUND: .*\n {2}expected {2}.*\n {2}got {7}.*\n {2}next {6}.*\n$/);
  });
});
