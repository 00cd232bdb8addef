import { existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collect, temporaryFolder } from './fixtures/collect.ts';
import { readDataset } from './open.ts';

const GOOD = '1,U1@D,U1@D,C1,C2,Kerberos,Network,LogOn,Success\n';
/** As many bad lines as good ones, the bad ones numbered. */
const half = (n: number): string => Array.from({ length: n }, (_, i) => `${GOOD}bad ${i}\n`).join('');
const lines = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('the reject file', () => {
  it('has every reject, more than are kept in memory, and appears when reading has ended', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('auth.txt'), GOOD + half(20_000));
    const rejectFile = folder.path('rejects.jsonl');
    const reading = readDataset(folder.path('auth.txt'), {
      rejectFile,
      maxRejectShare: 1,
      maxRejectsKept: 10,
    });
    const there: boolean[] = [];
    for await (const _ of reading) there.push(existsSync(rejectFile));
    // With the last batch everything has been read.
    expect(there).toEqual([false, false, false, false, true]);
    expect(reading.stats.rejectList).toHaveLength(10);
    expect(lines(rejectFile)).toEqual(
      Array.from({ length: 20_000 }, (_, i) => ({
        file: 'auth.txt',
        line: 2 * i + 3,
        reason: '1 columns where 9 are needed',
        text: `bad ${i}`,
      })),
    );
  });

  it('is there after an error too, and the error is the one of reading', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('auth.txt'), GOOD + half(200));
    const rejectFile = folder.path('rejects.jsonl');
    await expect(collect(folder.path('auth.txt'), { rejectFile })).rejects.toMatchObject({
      code: 'TOO_MANY_REJECTS',
    });
    expect(lines(rejectFile).length).toBeGreaterThan(0);
    expect(readdirSync(folder.root).toSorted()).toEqual(['auth.txt', 'rejects.jsonl']);
  });

  it('is bounded, and its last line says how many rejects it leaves out', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('auth.txt'), GOOD + half(5000));
    const rejectFile = folder.path('rejects.jsonl');
    const options = { rejectFile, maxRejectFileBytes: 20_000, maxRejectShare: 1 };
    await collect(folder.path('auth.txt'), options);
    const kept = lines(rejectFile);
    expect(readFileSync(rejectFile).length).toBeLessThanOrEqual(20_000);
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.at(-1)).toEqual({ more: 5000 - (kept.length - 1) });
  });

  it('keeps a text with newlines, NULs and half characters on one line', async () => {
    using folder = temporaryFolder();
    const record = { EventID: 4624, Hostname: 'a\nb\0', '@timestamp': 'x\ny\0\ud800' };
    writeFileSync(folder.path('a.jsonl'), `${JSON.stringify(record)}\n`);
    const rejectFile = folder.path('rejects.jsonl');
    const { stats } = await collect(folder.path('a.jsonl'), { rejectFile });
    expect(lines(rejectFile)).toEqual(stats.rejectList);
    expect(stats.rejects).toBe(1);
  });

  it('says DATA_NOT_FOUND before it reads where the place cannot be written to', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('auth.txt'), GOOD);
    const reading = readDataset(folder.path('auth.txt'), { rejectFile: folder.path('no/rejects.jsonl') });
    const first = reading[Symbol.asyncIterator]().next();
    await expect(first).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    expect(reading.stats.lines).toBe(0);
  });

  it.skipIf(!existsSync('/dev/full'))(
    'says DISK_FULL of a full disk and leaves nothing half-written (needs /dev/full)',
    async () => {
      using folder = temporaryFolder();
      writeFileSync(folder.path('auth.txt'), GOOD + half(3));
      writeFileSync(folder.path('rejects.jsonl'), 'of the run before\n');
      symlinkSync('/dev/full', folder.path('rejects.jsonl.tmp'));
      const options = { rejectFile: folder.path('rejects.jsonl') };
      await expect(collect(folder.path('auth.txt'), options)).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(readdirSync(folder.root).toSorted()).toEqual(['auth.txt', 'rejects.jsonl']);
      expect(readFileSync(join(folder.root, 'rejects.jsonl'), 'utf8')).toBe('of the run before\n');
    },
  );
});
