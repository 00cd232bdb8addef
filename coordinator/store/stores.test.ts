import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoundReport } from '../../protocol/messages/runs.ts';
import { TestFederation } from '../../test/crypto-federation.ts';
import { BlobReader, readRange } from './blob-reader.ts';
import { ModelStore } from './model-store.ts';
import { RoundStore } from './round-store.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-stores-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function report(round: number, step: number): RoundReport {
  return {
    round,
    run: 'run-0123456789abcdef',
    step,
    outcome: 'published',
    members: ['a'],
    contributors: ['a'],
    committee: ['a'],
    answers: ['a'],
    bytesUp: 1,
    bytesDown: 2,
    ms: { advertise: 1, collect: 2, check: 0, answer: 3, sum: 4, open: 5, audit: 0, total: 15 },
    noise: { greatest: 1, bound: 2 },
    modelHash: 'a'.repeat(64),
    failure: null,
  };
}

describe('reports', () => {
  it('of a run are read by their numbers alone: those of all other runs are never opened', async () => {
    const store = new RoundStore(folder);
    for (const round of [1, 2, 3, 4, 5]) await store.saveReport(report(round, round));
    await writeFile(join(folder, '2.json'), 'no JSON at all');
    expect((await store.reports({ firstRound: 3, rounds: 2 })).map(({ round }) => round)).toEqual([3, 4]);
    expect((await store.reports({ firstRound: 5, rounds: 100_000 })).map(({ round }) => round)).toEqual([5]);
    expect(await store.reports({ firstRound: 6, rounds: 3 })).toEqual([]);
    expect(await new RoundStore(join(folder, 'none')).reports({ firstRound: 1, rounds: 3 })).toEqual([]);
  });

  it('are given in the order of their rounds, without those that are missing or empty, and the others of the folder', async () => {
    const store = new RoundStore(folder);
    for (const round of [8, 9, 11, 12]) await store.saveReport(report(round, round));
    await writeFile(join(folder, '9.json'), '');
    for (const name of ['010.json', '10.sum', 'x.json', '.json']) await writeFile(join(folder, name), '{}');
    expect((await store.reports({ firstRound: 8, rounds: 4 })).map(({ round }) => round)).toEqual([8, 11]);
  });

  it('that are not what this coordinator writes are refused by number', async () => {
    const store = new RoundStore(folder);
    await writeFile(join(folder, '1.json'), '{}');
    await expect(store.reports({ firstRound: 1, rounds: 1 })).rejects.toMatchObject({
      expected: expect.stringContaining('report of round 1'),
    });
  });
});

describe('sums', () => {
  it('of old rounds go, the others and all reports stay', async () => {
    const store = new RoundStore(join(folder, 'rounds'));
    await store.dropSumsBefore(5); // before there is a folder
    for (const round of [1, 2, 9, 10, 11]) {
      const sum = await store.createSum();
      await sum.write(new Uint8Array(4));
      await sum.seal(store.sumPath(round), true);
    }
    await store.createSum(); // a crash leaves it half-written
    await store.saveReport(report(1, 1));
    await store.dropSumsBefore(10);
    expect((await readdir(join(folder, 'rounds'))).sort()).toEqual(['1.json', '10.sum', '11.sum']);
    if (process.platform !== 'win32') expect((await stat(join(folder, 'rounds'))).mode & 0o777).toBe(0o700);
  });
});

describe('models', () => {
  it('go but for those that are kept; what is no model is left alone', async () => {
    const store = new ModelStore(folder);
    const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];
    for (const hash of [a, b, c]) await store.save(hash, Float32Array.of(1));
    await writeFile(join(folder, 'notes.txt'), '');
    await store.dropExcept(new Set([a, c]));
    expect((await stat(store.path(a))).size).toBe(4);
    expect((await readdir(folder)).sort()).toEqual([`${a}.f32`, `${c}.f32`, 'notes.txt']);
  });
});

describe('stored blobs', () => {
  it('that have become shorter are BLOB_CORRUPT with the name of the member, at the end of any range', async () => {
    const manifest = new TestFederation(3).round(1).manifest('org-2');
    const path = join(folder, 'blob');
    await writeFile(path, new Uint8Array(1000).fill(5));
    expect(await readRange({ manifest, path }, 990, 10)).toEqual(new Uint8Array(10).fill(5));
    await truncate(path, 995);
    const corrupt = { code: 'BLOB_CORRUPT', expected: expect.stringContaining('the update of org-2') };
    await expect(readRange({ manifest, path }, 990, 10)).rejects.toMatchObject(corrupt);
    await expect(readRange({ manifest, path }, 5000, 1)).rejects.toMatchObject(corrupt);
    await expect(new BlobReader({ manifest, path }).chunks(1, () => undefined)).rejects.toMatchObject(
      corrupt,
    );
  });
});
