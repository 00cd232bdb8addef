import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collect, temporaryFolder } from '../fixtures/collect.ts';
import { makeZip } from '../fixtures/zip.ts';
import type { FileFormat } from '../format.ts';
import { readDataset } from '../open.ts';

const ROWS = Array.from({ length: 300 }, (_, i) => `!name${i}\n`).join('');
const paths: string[] = [];

/** A format that reads names from a whole file, a hundred a step. */
const names: FileFormat = {
  name: 'names',
  title: 'names',
  recognise: ({ lines }) => (lines[0]?.startsWith('!') === true ? 1 : 0),
  async *openFile(path, context) {
    paths.push(path);
    for (const [i, query] of readFileSync(path, 'utf8').trimEnd().split('\n').entries()) {
      context.line();
      context.emit({
        type: 'dns',
        time: i,
        host: 'h',
        query,
        source: { dataset: context.dataset, record: i + 1, uid: '' },
      });
      if (i % 100 === 99) yield await Promise.resolve();
    }
  },
};
const options = { formats: [names], batchSize: 1 };

describe('formats that need a whole file', () => {
  const folder = temporaryFolder();
  const scratch = temporaryFolder();
  beforeEach(() => {
    paths.length = 0;
    vi.stubEnv('TMPDIR', scratch.root);
    expect(tmpdir()).toBe(scratch.root);
  });
  afterEach(() => {
    expect(readdirSync(scratch.root)).toEqual([]);
    vi.unstubAllEnvs();
  });

  it('get a plain file by its own path, and a temporary copy of what is compressed or in an archive', async () => {
    for (const [name, bytes] of [
      ['plain', ROWS],
      ['names.gz', gzipSync(ROWS)],
      ['names.zst', zstdCompressSync(ROWS)],
      ['names.zip', makeZip({ a: ROWS })],
    ] as const) {
      writeFileSync(folder.path(name), bytes);
      const { events, stats } = await collect(folder.path(name), options);
      expect(
        events.map((event) => event.type === 'dns' && event.query),
        name,
      ).toEqual(ROWS.trimEnd().split('\n'));
      expect(stats.files, name).toMatchObject([{ format: 'names', events: 300 }]);
    }
    expect(paths.map((path) => path.startsWith(scratch.root))).toEqual([false, true, true, true]);
    expect(paths[0]).toBe(folder.path('plain'));
  });

  it('hand out events at each step, and leave no copy where the caller stops early', async () => {
    writeFileSync(folder.path('early.gz'), gzipSync(ROWS));
    for await (const batch of readDataset(folder.path('early.gz'), options)) {
      expect(batch).toHaveLength(100);
      expect(readdirSync(scratch.root)).toHaveLength(1);
      break;
    }
  });

  it('leave no copy of a part that is cut short, damaged or too large to copy', async () => {
    const gzip = gzipSync(ROWS);
    writeFileSync(folder.path('cut.gz'), gzip.subarray(0, -12));
    await expect(collect(folder.path('cut.gz'), options)).rejects.toMatchObject({ code: 'FILE_TRUNCATED' });
    writeFileSync(folder.path('large.gz'), gzip);
    const limited = { ...options, maxSpoolBytes: 1000 };
    await expect(collect(folder.path('large.gz'), limited)).rejects.toMatchObject({
      code: 'FORMAT_UNKNOWN',
      expected: 'at most 1000 bytes in large.gz, which must be unpacked to be read',
    });
    expect(paths).toEqual([]);
  });
});
