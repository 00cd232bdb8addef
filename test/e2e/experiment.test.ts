import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Metrics } from '../../experiments/experiment/metrics.ts';
import { framed } from '../../experiments/experiment/measure.ts';
import { readExperiment } from '../../experiments/experiment/read-experiment.ts';
import { daysOf } from '../../experiments/experiment/experiment.ts';
import { runMethod } from '../../experiments/experiment/run-method.ts';
import { prepareSites } from '../../experiments/experiment/sites.ts';
import { makeWorld } from '../../experiments/experiment/world.ts';
import { runCli } from './run-cli.ts';

const CLI = fileURLToPath(new URL('../../cli/cordon.ts', import.meta.url));
const SMOKE = fileURLToPath(
  new URL('../../experiments/experiment/configurations/smoke.yaml', import.meta.url),
);

let folder = '';
let temporary = '';
const env = () => ({ TMPDIR: temporary });
const at = (...path: string[]) => join(folder, ...path);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-e2e-experiment-'));
  temporary = await mkdtemp(join(tmpdir(), 'cordon-e2e-tmp-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(temporary, { recursive: true, force: true });
});

const run = (...args: string[]) => runCli(['experiment', ...args], { env: env() });

describe('cordon experiment run', () => {
  it('trains by encrypting processes what it trains without encryption, and says so', async () => {
    const { code, stdout, stderr } = await run('run', SMOKE, '--seeds', '1', '--out', at('one'), '--json');
    expect([code, stderr.includes('error')]).toEqual([0, false]);
    const told = JSON.parse(stdout) as Metrics;
    expect(told.methods).toEqual(['unseen-edge', 'local', 'federated', 'federated-cross', 'pooled', 'best']);
    for (const method of ['federated', 'federated-cross']) {
      const result = JSON.parse(await readFile(at('one', 'seeds', '1', `${method}.json`), 'utf8')) as object;
      expect(result).toMatchObject({ encrypted: { sameBits: true, rounds: 4 } });
    }
    expect(await readFile(at('one', 'experiment.yaml'), 'utf8')).toBe(await readFile(SMOKE, 'utf8'));
    expect(await readFile(at('one', 'report.md'), 'utf8')).toContain('the same bits');
    expect(stderr).toContain('Seed 1, federated: encrypted round');
    expect(await readdir(temporary)).toEqual([]);
  });

  it('is left resumable by an interrupt, with no process and no temporary file behind it', async () => {
    const child = spawn(
      process.execPath,
      [CLI, 'experiment', 'run', SMOKE, '--seeds', '1', '--out', at('two')],
      { env: { ...process.env, ...env() }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const closed = once(child, 'close') as Promise<[number | null]>;
    let said = '';
    child.stderr.on('data', (part: Buffer) => (said += part.toString()));
    await vi.waitFor(() => expect(said).toContain('federated: encrypted round'), {
      timeout: 60_000,
      interval: 20,
    });
    const pids = await childrenOf(child.pid ?? 0);
    expect(pids.length).toBe(4);
    child.kill('SIGINT');
    expect((await closed)[0]).toBe(130);
    expect(pids.filter((pid) => isRunning(pid))).toEqual([]);
    expect(await readdir(temporary)).toEqual([]);
    const results = (await readdir(at('two', 'seeds', '1'))).filter((name) => name.endsWith('.json'));
    expect(results.toSorted()).toEqual(['local.json', 'unseen-edge.json']);
    const { code } = await run('run', SMOKE, '--seeds', '1', '--out', at('two'), '--resume');
    expect(code).toBe(0);
    expect(await readFile(at('two', 'metrics.json'))).toEqual(await readFile(at('one', 'metrics.json')));
  });

  it('refuses a folder in use, a wrong list of seeds and a file that is none, each with its exit code', async () => {
    const codes = await Promise.all([
      run('run', SMOKE, '--out', at('one'), '--json'),
      run('run', SMOKE, '--out', at('three'), '--seeds', '3-1', '--json'),
      run('run', at('nothing.yaml'), '--json'),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([2, 2, 2]);
    const errors = codes.map(({ stdout }) => (JSON.parse(stdout) as { error: { code: string } }).error.code);
    expect(errors).toEqual(['OUTPUT_EXISTS', 'USAGE', 'DATA_NOT_FOUND']);
    expect(existsSync(at('three'))).toBe(false);
  });
});

describe('an encrypted method', () => {
  it('fails where its processes end with another model than training without encryption', async () => {
    const { experiment } = await readExperiment(SMOKE);
    const method = experiment.methods.find(({ name }) => name === 'federated');
    if (method?.kind !== 'trained') throw new Error('no such method');
    const { signal } = new AbortController();
    const tracks = new Map<string, never>();
    const quiet = {
      tracks,
      say: () => undefined,
      onProgress: () => undefined,
      adopt: () => undefined,
      signal,
    };
    const { data } = experiment;
    const world = await makeWorld(data, 1, at('world'), quiet);
    // The participants read their incidents; these rows know of none.
    const { files } = await prepareSites(world, method, daysOf(data), 1, quiet);
    const rows = await prepareSites(world, { ...method, labels: 'none' }, daysOf(data), 1, quiet);
    const sites = { ...rows, files };
    const place = {
      recorded: null,
      experiment,
      tracks,
      seed: 1,
      world,
      sites,
      framed: framed(sites, world),
      out: at('models'),
      temporary: folder,
      commit: '',
    };
    await expect(runMethod(method, place, quiet)).rejects.toMatchObject({
      code: 'MODEL_MISMATCH',
      expected: expect.stringContaining('as without encryption') as string,
    });
  });
});

describe('cordon experiment compare', () => {
  it('finds no difference between a folder and its copy, and pairs by seed', async () => {
    await cp(at('one'), at('copy'), { recursive: true });
    const same = await run('compare', at('one'), at('copy'), '--json');
    expect(same.code).toBe(0);
    const told = JSON.parse(same.stdout) as {
      sameExperiment: boolean;
      differences: { mean: number; n: number }[];
    };
    expect(told.sameExperiment).toBe(true);
    expect(told.differences.length).toBeGreaterThan(10);
    expect(told.differences.every(({ mean, n }) => mean === 0 && n === 1)).toBe(true);
    const across = await run('compare', at('one'), at('copy'), '--methods', 'federated:local');
    expect(across.stdout).toContain('federated (A) less local (B)');
    await writeFile(at('copy', 'metrics.json'), '{}');
    const broken = await run('compare', at('one'), at('copy'), '--json');
    expect(broken.code).not.toBe(0);
    expect(broken.stdout).toContain('ENCODING_INVALID');
  });
});

async function childrenOf(pid: number): Promise<number[]> {
  const pids: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const text = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    if (Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]) === pid) pids.push(Number(name));
  }
  return pids;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
