import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoReport } from '../../experiments/demo/report.ts';
import { sharedData } from '../shared-data.ts';
import { type CliResult, runCli } from './run-cli.ts';

describe('cordon demo --json, with the simulator', () => {
  let folder: string;
  let result: CliResult;
  let report: DemoReport;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cordon-e2e-'));
    result = await runCli(['demo', '--json', '--rounds', '6', '--seed', '3', '--out', join(folder, 'demo')]);
    expect(result.code).toBe(0);
    report = JSON.parse(result.stdout) as DemoReport;
  }, 170_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('prints one object and nothing else', () => {
    expect(result.stdout.trim().split('\n')).toHaveLength(1);
    expect(report.run.status).toBe('finished');
    expect(report.failure).toBeNull();
  });

  it('tells on standard error, line by line, how far it is', () => {
    const lines = result.stderr.trim().split('\n');
    expect(result.stderr.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(lines[0]).toMatch(/^Simulating port, day 1\/\d+: \d+ events$/);
    expect(lines).toContain('Telemetry, twin, features: 4 of 4 organisations ready');
    for (let round = 1; round <= 6; round++) {
      expect(lines.filter((line) => line === `Round ${round}/6: published`)).toHaveLength(1);
    }
    expect(lines.at(-1)).toBe('Comparing with training alone, pooled and unencrypted');
    // Nothing but stages and rounds: a slow machine hears of long ones once in ten seconds.
    expect(lines.length).toBeLessThan(60);
  });

  it('runs coordinator and participants as processes of their own', () => {
    const pids = report.processes.map(({ pid }) => pid);
    expect(pids).toHaveLength(5);
    expect(new Set([...pids, process.pid]).size).toBe(6);
    for (const pid of pids) expect(() => process.kill(pid ?? 0, 0)).toThrow();
  });

  it('opens exactly the sum of what the members recorded, in every round', () => {
    expect(report.rounds).toHaveLength(6);
    for (const round of report.rounds) {
      expect(round.outcome).toBe('published');
      expect(round.members).toHaveLength(4);
      expect(round.contributors).toHaveLength(4);
      expect(round.sumExact).toBe(true);
      expect(round.noise?.greatest).toBeGreaterThan(0);
      expect(round.bytesUp).toBeGreaterThan(4 * 46_080);
      expect(round.bytesDown).toBeGreaterThan(0);
      for (const ms of Object.values(round.ms)) expect(ms).toBeGreaterThan(0);
    }
  });

  it('ends with the same bits as the same training without encryption', () => {
    expect(report.modelEqualsPlaintext).toBe(true);
  });

  it('compares the joint model with local-only and pooled training', () => {
    if (!report.quality.available) throw new Error(report.quality.reason);
    for (const { ap, auc, memberRecall } of [
      report.quality.federated,
      report.quality.localOnly,
      report.quality.pooled,
    ]) {
      for (const figure of [ap, auc, memberRecall]) {
        expect(figure).toBeGreaterThanOrEqual(0);
        expect(figure).toBeLessThanOrEqual(1);
      }
    }
    // Far better than chance: the detector learnt something.
    expect(report.quality.federated.auc).toBeGreaterThan(0.9);
  });

  it('gives every organisation alerts with reasons', () => {
    for (const { alerts } of report.organisations) {
      expect(alerts.length).toBeGreaterThan(0);
      for (const alert of alerts) expect(alert.reasons.length).toBeGreaterThan(0);
    }
  });

  it('leaves no key, share or update outside the folders of their owners', async () => {
    const root = join(folder, 'demo');
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files.filter((file) => file.endsWith('.log'))).toHaveLength(5);
    for (const { id } of report.organisations) {
      const own = join(root, 'members', id);
      const key = await readFile(join(own, 'key.pem'), 'utf8');
      const secrets = [Buffer.from(key.split('\n')[1] ?? '')];
      for (let round = 1; round <= 6; round++) {
        const vector = await readFile(join(own, 'state', 'rounds', `round-${round}.u32`));
        // 64 bytes out of the middle: enough to be nothing else, and no header.
        secrets.push(vector.subarray(1000, 1064));
      }
      for (const secret of secrets) {
        expect(secret.length).toBeGreaterThanOrEqual(64);
        for (const file of files.filter((name) => !name.startsWith(`${own}/`))) {
          expect((await readFile(file)).includes(secret), file).toBe(false);
        }
      }
    }
  });
});

describe('cordon demo --data, with real telemetry', () => {
  const mordor = sharedData('telemetry/mordor');

  it.skipIf(mordor === null)(
    'reads all 68 host files, groups them by domain and trains (needs the shared test data)',
    async () => {
      const { code, stdout, stderr } = await runCli([
        'demo',
        '--json',
        '--rounds',
        '5',
        '--data',
        mordor ?? '',
      ]);
      expect(code).toBe(0);
      expect(stderr).toMatch(/^Reading file 1: \d+ records so far\n/);
      expect(stderr).toMatch(/^Reading file 68: \d+ records so far$/m);
      const report = JSON.parse(stdout) as DemoReport;
      expect(report.source.files).toBe(68);
      // Counted apart with Python: 409,568 JSON lines and one blank line.
      expect(report.source.records).toBe(409_568);
      expect(report.source.rejects).toBe(0);
      expect(report.organisations.map(({ id }) => id).toSorted()).toEqual(['mordor', 'pandalab', 'theshire']);
      expect(report.rounds.map(({ sumExact }) => sumExact)).toEqual([true, true, true, true, true]);
      expect(report.modelEqualsPlaintext).toBe(true);
      if (report.quality.available) throw new Error('there are no labels');
      expect(report.quality.ap).toBeNull();
      expect(report.quality.reason).toMatch(/no labels/);
      const alerts = report.organisations.flatMap((organisation) => organisation.alerts);
      expect(alerts.some(({ techniques }) => techniques.some((technique) => /^T\d{4}/.test(technique)))).toBe(
        true,
      );
    },
    170_000,
  );
});
