import { describe, expect, it } from 'vitest';
import { BENCHES, findBench } from './registry.ts';
import { runBench } from './run-bench.ts';
import { rowOf } from './statistics.ts';

describe('the registry', () => {
  it('loads every bench under the name that it has', async () => {
    for (const { name, load } of BENCHES) expect((await load()).name).toBe(name);
  });

  it('answers an unknown name with the names there are', () => {
    expect(() => findBench('secure-sun')).toThrow(
      expect.objectContaining({ code: 'USAGE', exitCode: 2, got: 'secure-sun' }),
    );
    expect(() => findBench('nothing')).toThrow(/secure-sum/);
  });

  it('has charts and targets of distinct rows', async () => {
    for (const { load } of BENCHES) {
      const { charts, targets } = await load();
      for (const { bars } of charts) expect(new Set(bars.map(({ row }) => row)).size).toBe(bars.length);
      expect(new Set(targets.map(({ of, must }) => of + must)).size).toBe(targets.length);
    }
  });
});

describe('a result', () => {
  it('has exactly the six fields that are promised', async () => {
    const rows = [rowOf('a_ms', 'ms', [1])];
    const measured = { rows, ratios: [], skipped: [] };
    const result = await runBench(
      { name: 'sample', targets: [], charts: [], run: () => Promise.resolve(measured) },
      { runs: 1, data: null, version: '9.8.7', say: () => undefined, signal: new AbortController().signal },
    );
    expect(Object.keys(result)).toEqual(['bench', 'commit', 'machine', 'rows', 'ratios', 'skipped']);
    expect(result.bench).toBe('sample');
    expect(result.commit).toMatch(/^[0-9a-f]{12}(-dirty)?$|^v9\.8\.7$/);
    expect(result.machine).toMatchObject({ node: process.version });
  });
});
