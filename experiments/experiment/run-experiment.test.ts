import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { versionsOf } from '../../participant/models/find-model.ts';
import { readResult, resultPath } from './method-result.ts';
import { readExperiment } from './read-experiment.ts';
import { runExperiment } from './run-experiment.ts';

const FILE = {
  name: 'tiny',
  title: 'Everything but processes, on a world of three days',
  data: { simulator: { orgs: 3, hosts: 60, accounts: 60, days: 3, trainDays: 2 } },
  seeds: '1-2',
  training: { rounds: 2, steps: 5, batch: 32 },
  counting: { interval: 86_400, floor: 1, noise: 1.5 },
  methods: [
    { name: 'local', weights: 'local' },
    { name: 'unlabelled', weights: 'local', labels: 'none' },
    { name: 'all-labels', weights: 'federated', labels: 'all', encryption: false },
    { name: 'cross', weights: 'pooled', features: 'cross-organisation' },
    { name: 'public', weights: 'local', publicAttacks: ['apt'] },
    { name: 'rule', rule: 'unseen-edge' },
    {
      name: 'layers',
      weights: 'federated',
      encryption: false,
      model: {
        layers: [
          { units: 3, activation: 'tanh' },
          { units: 1, activation: 'linear' },
        ],
      },
    },
    { name: 'best', bestOf: ['local', 'unlabelled'] },
  ],
  compare: [['cross', 'local']],
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-run-experiment-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Given {
  readonly file?: Partial<typeof FILE>;
  readonly seeds?: number[];
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
  readonly say?: (what: string) => void;
}

async function run(
  out: string,
  { file = {}, seeds, resume = false, signal, say = () => undefined }: Given = {},
) {
  const path = join(folder, 'experiment.yaml');
  await writeFile(path, stringify({ ...FILE, ...file }));
  const { text, experiment } = await readExperiment(path);
  return runExperiment(
    { experiment, text, out: join(folder, out), seeds: seeds ?? null, resume, version: '0.0.0' },
    { say, signal: signal ?? new AbortController().signal },
  );
}

const bytes = (...path: string[]) => readFile(join(folder, ...path));

describe('an experiment', { timeout: 120_000 }, () => {
  it('leaves settings, a result a seed and method, tables and a report, and nothing else', async () => {
    const metrics = await run('first');
    expect((await readdir(join(folder, 'first'))).toSorted()).toEqual(
      'experiment.yaml figures.svg learning.svg metrics.csv metrics.json report.md resolved.json seeds'.split(
        ' ',
      ),
    );
    // A result a method, and its models: one of each member where weights are local.
    const names = await readdir(join(folder, 'first', 'seeds', '2'));
    expect(names.filter((name) => name.endsWith('.json'))).toHaveLength(7);
    expect(names.filter((name) => !name.endsWith('.json'))).toHaveLength(3 * 3 + 3);
    const { stored, damaged } = await versionsOf(join(folder, 'first'));
    expect([stored.length, damaged]).toEqual([2 * 12, []]);
    const cross = stored.filter(({ path }) => path.endsWith('cross.cordon'));
    const results = await Promise.all([1, 2].map((seed) => readResult(join(folder, 'first'), seed, 'cross')));
    expect(cross.map(({ version }) => version.modelHash)).toEqual(results.map((one) => one?.modelHash));
    expect(JSON.parse(String(await bytes('first', 'metrics.json')))).toEqual(metrics);
    const of = (method: string, metric: string) =>
      metrics.rows.filter((row) => row.method === method && row.member === 'all' && row.metric === metric);
    // Other labels, features, weights and rules give other figures; the best of some has those of one of them.
    const figures = metrics.methods
      .filter((method) => method !== 'best')
      .map((method) => JSON.stringify(of(method, 'ap').map(({ value }) => value)));
    expect(new Set(figures).size).toBe(7);
    const recall = (method: string) => of(method, 'memberRecall').map(({ value }) => value ?? 0);
    recall('best').forEach((best, i) => {
      expect(best).toBeGreaterThanOrEqual(Math.max(recall('local')[i] ?? 0, recall('unlabelled')[i] ?? 0));
    });
    expect(metrics.differences.find(({ metric }) => metric === 'auc')).toMatchObject({ a: 'cross', n: 2 });
    const report = String(await bytes('first', 'report.md'));
    for (const name of metrics.methods) expect(report).toContain(`| ${name} |`);
    expect(report).toContain('layers 3 tanh, 1 linear');
    expect(report).toMatch(/\| cross \|.*\(delta 0.000001\)/);
    const resolved = JSON.parse(String(await bytes('first', 'resolved.json'))) as { hash: string };
    expect(resolved.hash).toBe(metrics.hash);
    // Nothing that must repeat knows where or when it was made.
    expect(String(await bytes('first', 'metrics.json'))).not.toContain(folder);
  });

  it('comes out the same byte for byte, also in parts, in another order of methods and after an interruption, which makes nothing twice', async () => {
    await run('second', { seeds: [2], file: { methods: FILE.methods.toReversed(), compare: [] } });
    const stop = new AbortController();
    const work = run('second', {
      seeds: [1],
      resume: true,
      signal: stop.signal,
      say: (what) => {
        if (what.includes('all-labels')) stop.abort(new Error('interrupted'));
      },
    });
    await expect(work).rejects.toThrow('interrupted');
    const path = resultPath(join(folder, 'second'), 1, 'local');
    const before = await stat(path);
    const again: string[] = [];
    await run('second', { seeds: [1], resume: true, say: (what) => again.push(what) });
    expect((await stat(path)).mtimeMs).toBe(before.mtimeMs);
    expect(again.some((what) => what.startsWith('Seed 1, local'))).toBe(false);
    for (const name of ['metrics.json', 'metrics.csv', 'figures.svg', 'learning.svg']) {
      expect(await bytes('second', name)).toEqual(await bytes('first', name));
    }
    // Of the results themselves each says how long it took.
    const models = (await readdir(join(folder, 'first', 'seeds', '2'))).filter((name) =>
      /^public\..*\.cordon$/.test(name),
    );
    expect(models).toHaveLength(3);
    for (const name of models) {
      const place = ['seeds', '2', name];
      expect(await bytes('second', ...place)).toEqual(await bytes('first', ...place));
    }
  });

  it('mixes no results of other settings, and writes over nothing without --resume', async () => {
    await expect(run('first')).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    const other = { training: { ...FILE.training, rounds: 3 } };
    await expect(run('first', { resume: true, file: other })).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
      got: expect.stringContaining('seed 1') as string,
    });
    await writeFile(join(folder, 'a-file'), 'x');
    await expect(run('a-file')).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
  });

  it('names a result that is damaged', async () => {
    await writeFile(resultPath(join(folder, 'second'), 1, 'local'), '{');
    await expect(run('second', { resume: true })).rejects.toMatchObject({
      code: 'ENCODING_INVALID',
      got: 'no JSON',
    });
  });
});
