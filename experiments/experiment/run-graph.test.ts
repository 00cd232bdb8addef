import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Method } from './experiment.ts';
import { readResult } from './method-result.ts';
import { readExperiment } from './read-experiment.ts';
import { runExperiment } from './run-experiment.ts';

const graph = { kind: 'graph-encoder', hidden: 4, state: 4, decoder: 4, windows: 3, stretches: 2 };
const FILE = {
  name: 'graphs',
  title: 'A graph encoder on a world of three days',
  data: { simulator: { orgs: 3, hosts: 60, accounts: 60, days: 3, trainDays: 2 } },
  seeds: 1,
  training: { rounds: 2, steps: 3, batch: 32 },
  methods: [
    { name: 'local', weights: 'local', model: graph },
    { name: 'federated', weights: 'federated', model: graph },
    { name: 'after', weights: 'pooled', model: { ...graph, judges: 'after', windowSeconds: 7200 } },
    { name: 'edge', weights: 'federated', encryption: false },
    { name: 'fused', weights: 'federated', model: { ...graph, fusion: 0.5 } },
    { name: 'hardly', weights: 'federated', model: { ...graph, fusion: 1e-9 } },
  ],
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-run-graph-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(file: object) {
  const path = join(folder, 'experiment.yaml');
  await writeFile(path, stringify(file, { aliasDuplicateObjects: false }));
  return readExperiment(path);
}

describe('a graph encoder in an experiment', { timeout: 60_000 }, () => {
  it('is trained and measured like any model, alone and beside the edge scorer, and gives the same figures again', async () => {
    const run = async (out: string, methods = FILE.methods) => {
      const options = {
        ...(await read({ ...FILE, methods })),
        out: join(folder, out),
        seeds: null,
        resume: false,
      };
      const hooks = { say: () => undefined, signal: new AbortController().signal };
      const metrics = await runExperiment({ ...options, version: '0.0.0' }, hooks);
      return metrics.rows.map(({ method, member, metric, value }) => ({ method, member, metric, value }));
    };
    const rows = await run('first');
    const [, federated] = FILE.methods;
    expect(await run('second', federated && [federated])).toEqual(
      rows.filter(({ method }) => method === 'federated'),
    );
    const of = (name: string) =>
      rows.filter(({ method, metric }) => method === name && metric !== 'events').map(({ value }) => value);
    const names = FILE.methods.map(({ name }) => name).filter((name) => name !== 'hardly');
    for (const name of names) {
      expect(of(name).length).toBeGreaterThan(20);
      for (const other of names) if (other !== name) expect(of(other)).not.toEqual(of(name));
    }
    // Hardly anything beside the edge scorer leaves its figures, up to equal scores.
    const ap = (name: string) =>
      rows.find((row) => row.method === name && row.member === 'all' && row.metric === 'ap')?.value;
    expect(ap('hardly')).toBeCloseTo(ap('edge') ?? NaN, 3);
    const result = await readResult(join(folder, 'first'), 1, 'federated');
    expect(result?.losses).toHaveLength(2);
    expect(result?.curve.map(({ round }) => round)).toEqual([1, 2]);
    expect(result?.modelHash).toMatch(/^[0-9a-f]{64}$/);
    expect(result?.encrypted).toBeNull();
  });

  it("gets its defaults; what a method trains by is the graph encoder's", async () => {
    const methods = [
      { name: 'a', weights: 'federated', model: { kind: 'graph-encoder' }, training: { learningRate: 0.5 } },
    ];
    const [method] = (await read({ ...FILE, methods })).experiment.methods as [
      Extract<Method, { kind: 'graph' }>,
    ];
    expect(method).toMatchObject({
      kind: 'graph',
      labels: 'own',
      graph: { hidden: 16, judges: 'before', windowSeconds: 3600, fusion: 0 },
      training: { learningRate: 0.5, corrupted: 0.1, steps: 3 },
      edge: { weights: 'federated', hidden: 16, encryption: false, training: { learningRate: 1, steps: 3 } },
    });
  });

  it.each([
    [{ encryption: true }, 'encryption'],
    [{ optimiser: { kind: 'fedprox', mu: 1 } }, 'optimiser'],
    [{ personal: 'head' }, 'personal'],
    [{ publicAttacks: ['apt'] }, 'publicAttacks'],
    [{ features: 'cross-organisation' }, 'own features'],
    [{ training: { participation: 0.5 } }, 'all members'],
    [{ training: { solver: 'sgd' } }, 'solver'],
    [{ model: { kind: 'graph-encoder', hidden: 0 } }, 'hidden'],
    [{ model: { windowSeconds: 3600 } }, 'windowSeconds'],
  ])('is refused with %j', async (extra, named) => {
    const methods = [{ name: 'a', weights: 'federated', model: graph, ...extra }];
    await expect(read({ ...FILE, methods })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      expected: expect.stringContaining(named) as string,
    });
  });
});
