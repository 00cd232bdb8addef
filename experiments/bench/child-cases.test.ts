import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { childCases } from './child-cases.ts';

const folder = mkdtempSync(join(tmpdir(), 'cordon-cases-'));
afterAll(() => rmSync(folder, { recursive: true }));

const OURS = pathToFileURL(join(import.meta.dirname, 'child-cases.ts')).href;

/** A process that serves what this line of JavaScript says. */
function child(served: string, signal = new AbortController().signal) {
  const path = join(folder, `child-${served.length}.mjs`);
  writeFileSync(path, `import { serveCases } from ${JSON.stringify(OURS)};\n${served}\n`);
  return childCases(path, ['40'], signal);
}

describe('cases in a process of their own', () => {
  it('are timed there, with their notes, rows and arguments', async () => {
    using served = await child(`
      const burn = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
      serveCases({
        cases: [{ name: 'a', clock: 'wall', note: 'of a', per: 10, run: () => burn(Number(process.argv[2])) }],
        rows: [{ name: 'size', unit: 'mb', median: 1, min: 1, max: 1, runs: 1 }],
      });`);
    expect(served.rows.map(({ name }) => name)).toEqual(['size']);
    const [one] = served.cases;
    expect(one).toMatchObject({ name: 'a', note: 'of a', per: 10 });
    expect(await one?.elsewhere()).toBeGreaterThanOrEqual(40);
  });

  it('that fail a check say so here', async () => {
    using served = await child(`
      serveCases({ cases: [{ name: 'a', clock: 'cpu', run: () => 0, after() { throw new Error('wrong sum'); } }], rows: [] });`);
    await expect(served.cases[0]?.elsewhere()).rejects.toThrow('wrong sum');
  });

  it('are asked for what waits for the last run', async () => {
    using served = await child(`
      serveCases({ cases: [], rows: [], finish: () => Promise.reject(new Error('too late')) });`);
    await expect(served.finish()).rejects.toThrow('too late');
    using without = await child('serveCases({ cases: [], rows: [] });');
    await without.finish();
  });

  it('whose process ends are an error, not a wait', async () => {
    using served = await child(`
      serveCases({ cases: [{ name: 'a', clock: 'cpu', run: () => process.exit(7) }], rows: [] });`);
    await expect(served.cases[0]?.elsewhere()).rejects.toThrow(/ended: 7/);
    await expect(child('process.exit(3);')).rejects.toThrow(/ended: 3/);
  });

  it('that are stopped while they wait end without an error that nobody catches', async () => {
    const stop = new AbortController();
    using served = await child('serveCases({ cases: [], rows: [] });', stop.signal);
    const uncaught: unknown[] = [];
    const note = (error: unknown) => uncaught.push(error);
    process.prependListener('uncaughtException', note);
    stop.abort();
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off('uncaughtException', note);
    expect(uncaught).toEqual([]);
    await expect(served.finish()).rejects.toThrow();
  });
});
