import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { nodePrimitives, systemRandom } from '../../crypto/identity/node-primitives.ts';
import { type DemoData, simulatedData } from '../../experiments/demo/data.ts';
import { Federation } from '../../experiments/demo/federation.ts';
import { OWN_CLI, type Child } from '../../experiments/demo/processes.ts';
import { Workspace, foundConsortium, writeConfigurations } from '../../experiments/demo/workspace.ts';
import { demoTask } from '../../experiments/evaluate/demo-task.ts';
import { SiteAnalytics } from '../../participant/analytics/site-analytics.ts';
import { FEDERATION_AT, FederatedExtractor } from '../../participant/features/edge-v2.ts';
import { DEFAULT_POLICY, type SitePolicy } from '../../participant/federation/site-policy.ts';
import { prepareFiles } from '../../participant/telemetry/prepare.ts';
import type { CountSketchTask } from '../../protocol/task.ts';
import { quietLogger } from '../running-coordinator.ts';
import { HOUR_MS, OPEN_POLICY, SKETCH_TASK } from '../sketch-task.ts';
import { runCli } from './run-cli.ts';

const ORGANISATIONS = 5;
const PERIODS = 8;
const task: CountSketchTask = {
  ...SKETCH_TASK,
  name: 'hourly prevalence',
  rounds: PERIODS,
  // The working hours of the first day.
  period: { seconds: 3600, first: 8 * HOUR_MS, delaySeconds: 300 },
  sketch: { ...SKETCH_TASK.sketch, width: 2048 },
  floor: 2,
};
const policy: SitePolicy = { ...DEFAULT_POLICY, ...OPEN_POLICY };

let folder: string;
let workspace: Workspace;
let data: DemoData;
let federation: Federation;
const children: Child[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-sketch-'));
  workspace = await Workspace.create(join(folder, 'consortium'));
  const world = { hosts: 30, accounts: 40, days: 2, trainDays: 1 };
  data = await simulatedData(workspace, ORGANISATIONS, world, 5, () => undefined);
  const chain = await foundConsortium(workspace, [...data.sites.keys()]);
  federation = await Federation.start(
    workspace,
    chain,
    OWN_CLI,
    (address) =>
      writeConfigurations(workspace, address, data.sites, () => 3, { recordVectors: false, policy }),
    (child) => children.push(child),
  );
  await federation.prepared(() => undefined);
}, 120_000);

afterAll(async () => {
  for (const child of children) child.kill();
  await rm(folder, { recursive: true, force: true });
});

describe('five organisations as processes of their own', () => {
  it('answer the hours of a simulated day one after the other, and each keeps the same answers', async () => {
    const { run, reports } = await federation.carryOut(task, () => undefined);
    expect(run).toMatchObject({ status: 'finished', published: PERIODS });
    expect(reports.map(({ contributors }) => contributors.length)).toEqual(
      Array.from({ length: PERIODS }, () => ORGANISATIONS),
    );
    const all = await Promise.all(
      [...data.sites.keys()].map(async (id) => (await analyticsOf(id)).answers.all()),
    );
    for (const answers of all) {
      expect(answers.map(({ from }) => from / HOUR_MS)).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
      expect(answers.map(({ cells }) => cells)).toEqual(all[0]?.map(({ cells }) => cells));
    }
  });

  it('see what others have seen in the features of their own events, from the set delay on', async () => {
    const at = FEDERATION_AT;
    let [withOthers, early, later] = [0, 0, 0];
    for (const [id, files] of data.sites) {
      const extractor = new FederatedExtractor(await (await analyticsOf(id)).book());
      const rows: Float32Array[] = [];
      const spying = {
        width: extractor.width,
        peek: extractor.peek.bind(extractor),
        snapshot: extractor.snapshot.bind(extractor),
        restore: extractor.restore.bind(extractor),
        push: (event: Parameters<typeof extractor.push>[0]) => {
          const row = extractor.push(event);
          if (row && event.time <= 9 * HOUR_MS + 300_000) early = Math.max(early, row[at.accountOthers] ?? 0);
          else if (row) later += 1;
          if (row) rows.push(row.slice());
          return row;
        },
      };
      await prepareFiles({ ...files, seed: 3, rejectFile: null, now: Date.now(), extractor: spying });
      withOthers += rows.filter(
        (row) => (row[at.accountOthers] ?? 0) > 0 || (row[at.sourceOthers] ?? 0) > 0,
      ).length;
    }
    expect(early).toBe(0);
    expect(later).toBeGreaterThan(0);
    expect(withOthers).toBeGreaterThan(0);
  });

  it('train on these features, and refuse what their policies do not allow', async () => {
    const base = demoTask(2, 11);
    const trained = await federation.carryOut(
      { ...base, model: { ...base.model, features: 'edge-v2' }, kMin: 5 },
      () => undefined,
    );
    expect(trained.run.status).toBe('finished');
    // The run is over at the coordinator before each member has made its own model of it.
    const model = await vi.waitFor(() => readFile(join(workspace.state('port'), 'model.f32')), 60_000);
    expect(model.length).toBe(4 * (47 * 16 + 2 * 16 + 1));
    const noisy = { ...task, floor: 1, period: { ...task.period, first: 7 } };
    await expect(federation.carryOut(noisy, () => undefined)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

describe('cordon privacy show', () => {
  it('says what a site has released, and what a task would cost, as text and as JSON', async () => {
    const site = await runCli(['privacy', 'show', workspace.state('port'), '--json']);
    expect(JSON.parse(site.stdout)).toMatchObject({
      releases: PERIODS,
      from: 8 * HOUR_MS,
      to: 15 * HOUR_MS,
      costliestYear: null,
    });
    const path = join(folder, 'task.yaml');
    const noise = { mechanism: 'discrete-gaussian', sigma: 100, shares: 2, delta: 1e-6 } as const;
    await writeFile(path, stringify({ ...task, noise, encoding: { bits: 12, layout: '3x26' } }));
    const cost = JSON.parse((await runCli(['privacy', 'show', path, '--json'])).stdout) as Record<
      string,
      number
    >;
    expect(cost['periodsAYear']).toBe(8760);
    expect(cost['yearEpsilon']).toBeGreaterThan(cost['runEpsilon'] ?? NaN);
    const { code, stdout } = await runCli([
      'round',
      'start',
      path,
      '--dry-run',
      '--operator',
      workspace.path('operator', 'operator.yaml'),
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/in a year of periods \(8760\) +\d/);
    expect(stdout).toContain('even odds become at most');
    const codeOf = async (...args: string[]): Promise<unknown> => {
      const { stdout } = await runCli([...args, '--json']);
      return (JSON.parse(stdout) as { error: { code: string } }).error.code;
    };
    await writeFile(path, stringify({ ...task, noise, encoding: { bits: 25, layout: '3x26' } }));
    const operator = workspace.path('operator', 'operator.yaml');
    expect(await codeOf('round', 'start', path, '--dry-run', '--operator', operator)).toBe('CONFIG_INVALID');
    await writeFile(path, stringify({ ...task, sketch: { ...task.sketch, width: 100 } }));
    expect(await codeOf('privacy', 'show', path)).toBe('VALUE_OUT_OF_RANGE');
    expect(await codeOf('privacy', 'show', folder)).toBe('DATA_NOT_FOUND');
    const text = await runCli(['privacy', 'show', workspace.state('port')]);
    expect(text.stdout).toContain('nothing is hidden from whoever sees the sums');
    const none = await runCli(['privacy', 'show', join(folder, 'nothing'), '--json']);
    expect([none.code, (JSON.parse(none.stdout) as { error: { code: string } }).error.code]).toEqual([
      2,
      'DATA_NOT_FOUND',
    ]);
  });
});

function analyticsOf(id: string): Promise<SiteAnalytics> {
  return SiteAnalytics.open(workspace.state(id), policy, {
    member: id,
    primitives: nodePrimitives,
    random: systemRandom,
    sign: () => new Uint8Array(64),
    logger: quietLogger(),
    elapsed: () => performance.now(),
    now: () => Date.now(),
  });
}
