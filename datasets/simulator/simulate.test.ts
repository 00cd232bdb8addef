import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures/collect.ts';
import { PRESETS } from './options.ts';
import { BUILT_IN, builtIn } from './scenario/builtin/index.ts';
import { readScenario } from './scenario/read-scenario.ts';
import { simulate } from './simulate.ts';

function digest(dir: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }).toSorted()) {
    const path = join(dir, name);
    hash.update(name);
    if (/\.(txt|gz|json)$/.test(name)) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

describe('simulate', () => {
  it('writes the same bytes for the same options and other bytes for another seed', async () => {
    using folder = temporaryFolder();
    await simulate(PRESETS.small, folder.path('a'));
    await simulate(PRESETS.small, folder.path('b'));
    await simulate({ ...PRESETS.small, seed: 2 }, folder.path('c'));
    expect(digest(folder.path('a'))).toBe(digest(folder.path('b')));
    expect(digest(folder.path('c'))).not.toBe(digest(folder.path('a')));
    const first = readFileSync(folder.path('a/port/auth.txt.gz'));
    expect(readFileSync(folder.path('c/port/auth.txt.gz')).equals(first)).toBe(false);
  });

  it('writes the same bytes however many threads compress', async () => {
    using folder = temporaryFolder();
    const here = new URL('./', import.meta.url).href;
    const made = (['1', '7'] as const).map(async (threads) => {
      const script = `
        const { simulate } = await import('${here}simulate.ts');
        const { PRESETS } = await import('${here}options.ts');
        await simulate(PRESETS.small, ${JSON.stringify(folder.path(threads))});`;
      await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
        env: { ...process.env, UV_THREADPOOL_SIZE: threads },
      });
      return digest(folder.path(threads));
    });
    const [one, seven] = await Promise.all(made);
    expect(one).toBe(seven);
  });

  it('plays a scenario file as it plays the built-in one of the same text, several of them too', async () => {
    using folder = temporaryFolder();
    const names = ['apt', 'supply-chain'];
    for (const name of names) writeFileSync(folder.path(name), builtIn(name) ?? '');
    const files = await Promise.all(names.map((name) => readScenario(folder.path(name))));
    const inside = await Promise.all(names.map((name) => readScenario(name)));
    await simulate({ ...PRESETS.small, scenarios: files }, folder.path('a'));
    await simulate({ ...PRESETS.small, scenarios: inside }, folder.path('b'));
    expect(digest(folder.path('a'))).toBe(digest(folder.path('b')));
    // The one that is played where none is named is one of them.
    const usual = [await readScenario(BUILT_IN[0] ?? '')];
    await simulate({ ...PRESETS.small, scenarios: usual }, folder.path('c'));
    await simulate(PRESETS.small, folder.path('d'));
    expect(digest(folder.path('c'))).toBe(digest(folder.path('d')));
  });

  it('has the same events behind every compression', async () => {
    using folder = temporaryFolder();
    const files = { gz: 'auth.txt.gz', zst: 'auth.txt.zst', none: 'auth.txt' } as const;
    for (const compression of ['gz', 'zst', 'none'] as const) {
      const { organisations } = await simulate({ ...PRESETS.small, compression }, folder.path(compression));
      expect(organisations.map(({ log }) => log)).toEqual(
        Array.from({ length: 3 }, () => files[compression]),
      );
    }
    const plain = readFileSync(folder.path('none/rail/auth.txt'));
    expect(gunzipSync(readFileSync(folder.path('gz/rail/auth.txt.gz'))).equals(plain)).toBe(true);
    expect(zstdDecompressSync(readFileSync(folder.path('zst/rail/auth.txt.zst'))).equals(plain)).toBe(true);
  });

  it('refuses a folder that is in use, takes an empty one, and leaves nothing half-written', async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.path('used'));
    writeFileSync(folder.path('used/file'), 'mine');
    await expect(simulate(PRESETS.small, folder.path('used'))).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
    });
    mkdirSync(folder.path('empty'));
    await simulate(PRESETS.small, folder.path('empty'));
    expect(existsSync(folder.path('empty/simulation.json'))).toBe(true);
    const onProgress = (): never => {
      throw new Error('stopped');
    };
    await expect(simulate(PRESETS.small, folder.path('stopped'), { onProgress })).rejects.toThrow('stopped');
    const stop = new AbortController();
    const days: number[] = [];
    const interrupted = simulate(PRESETS.small, folder.path('interrupted'), {
      onProgress: ({ day }) => days.push(day) === 2 && stop.abort(new Error('interrupted')),
      signal: stop.signal,
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    expect(days).toEqual([1, 2]);
    expect(readdirSync(folder.root).toSorted()).toEqual(['empty', 'used']);
  });

  it('tells after each day how far it is', async () => {
    using folder = temporaryFolder();
    const told: string[] = [];
    const { events } = await simulate(PRESETS.small, folder.path('a'), {
      onProgress: ({ organisation, day, days, events: so }) =>
        told.push(`${organisation} ${day}/${days} ${so}`),
    });
    expect(told).toHaveLength(18);
    expect(told[0]).toMatch(/^port 1\/6 \d+$/);
    expect(told.at(-1)).toBe(`customs 6/6 ${events}`);
  });
});
