import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Simulation } from '../../datasets/simulator/simulation.ts';
import { runCli } from './run-cli.ts';

const CLI = fileURLToPath(new URL('../../cli/cordon.ts', import.meta.url));
const SIZE = '--orgs 3 --hosts 90 --accounts 300 --days 6 --train-days 2 --seed 7'.split(' ');
const simulate = (...args: string[]) => runCli(['datasets', 'simulate', ...args]);
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-simulate-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('cordon datasets simulate', () => {
  it('lists the built-in scenarios, shows one, and plays it from a file as by its name', async () => {
    const list = await simulate('--list-scenarios', '--json');
    expect(list.code).toBe(0);
    const { scenarios } = JSON.parse(list.stdout) as { scenarios: { scenario: string; tactics: string[] }[] };
    expect(scenarios.map(({ scenario }) => scenario)).toContain('ransomware-worm');
    expect((await simulate('--list-scenarios')).stdout).toContain('stealthy-insider');
    const file = join(folder, 'mine.yaml');
    await writeFile(file, (await simulate('--show-scenario', 'apt')).stdout);
    const run = async (scenario: string, out: string) => {
      const target = join(folder, out);
      const { code, stdout } = await simulate(...SIZE, '--scenario', scenario, '--json', '--out', target);
      expect(code).toBe(0);
      const { cpuSeconds, ...simulation } = JSON.parse(stdout) as Simulation & { cpuSeconds: number };
      expect(cpuSeconds).toBeGreaterThan(0);
      expect(JSON.parse(await readFile(join(target, 'simulation.json'), 'utf8'))).toEqual(simulation);
      return readFile(join(target, 'truth', 'campaigns.json'), 'utf8');
    };
    expect(await run(file, 'a')).toBe(await run('apt', 'b'));
  });

  it('prints the fit report as a table, and writes what was asked for', async () => {
    const out = join(folder, 'out');
    const events = ['--events', '30000', '--compress', 'zst'];
    const { code, stdout, stderr } = await simulate(...SIZE, ...events, '--out', out);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^(29|30|31),\d{3} events, \d+ malicious/);
    expect(stdout).toMatch(/^remote Kerberos, share of logons +68 % +6[78](\.\d)? % +\S+ % +fits$/m);
    expect(stdout).toMatch(/not comparable:\n  organisations so small/);
    expect(stderr).toMatch(/^Simulating port, day 1\/6: [\d,]+ events$/m);
    expect(await readdir(join(out, 'port'))).toEqual(['auth.txt.zst', 'incidents.txt']);
  });

  it.each([
    [['--scenario', 'none.yaml'], 'DATA_NOT_FOUND', 'see cordon datasets simulate --list-scenarios'],
    [['--compress', 'rar'], 'USAGE', '--help'],
    [['--show-scenario', 'none'], 'USAGE', '--help'],
    [['--train-days', '6'], 'USAGE', 'trainDays'],
    [['--hosts', '50'], 'USAGE', 'hosts'],
  ])('refuses %s', async (args, code, next) => {
    const result = await simulate(...SIZE, ...args, '--out', join(folder, 'out'), '--json');
    expect(result.code).toBe(2);
    const { error } = JSON.parse(result.stdout) as { error: { code: string; next: string } };
    expect(error.code).toBe(code);
    expect(error.next).toContain(next);
    expect(await readdir(folder)).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('leaves nothing behind when it is interrupted', async () => {
    const args = ['datasets', 'simulate', '--hosts', '20000', '--days', '100', '--out', join(folder, 'out')];
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(child, 'exit');
    try {
      while ((await readdir(folder, { recursive: true })).length < 3) await sleep(50);
      child.kill('SIGINT');
      expect(await ended).toEqual([130, null]);
      expect(await readdir(folder)).toEqual([]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
