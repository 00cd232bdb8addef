import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { formatEvent } from '../../datasets/cordon-jsonl/write.ts';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { makeZip } from '../../datasets/fixtures/zip.ts';
import type { StreamItem } from '../../datasets/host-facts.ts';
import { timeOf } from '../../datasets/item-sink.ts';
import { logon } from '../../test/auth-event.ts';
import { readLanes } from './read-lanes.ts';

const NOW = Date.UTC(2026, 0);
const lines = (...times: number[]) =>
  times
    .map((time, record) =>
      formatEvent({ ...logon(0, 'a', 'b'), time, source: { dataset: 'x', record, uid: '' } }),
    )
    .join('');

async function times(path: string, now = NOW) {
  const items: StreamItem[] = [];
  const stats = await readLanes(path, (item) => items.push(item), { now });
  return { times: items.map(timeOf), stats };
}

describe('readLanes', () => {
  it('reads the pieces of a log oldest first, whatever their compression, and several logs by time', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('auth.log'), lines(7, 8));
    writeFileSync(folder.path('auth.log.1'), lines(4, 5));
    writeFileSync(folder.path('auth.log.2.gz'), gzipSync(lines(1, 2)));
    writeFileSync(folder.path('other.zip'), makeZip({ 'a.jsonl': lines(3, 9), 'b.jsonl': lines(6) }));
    const read = await times(folder.root);
    expect(read.times).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(read.stats).toMatchObject({ events: 9, rejects: 0, lines: 9 });
    expect(read.stats.files).toHaveLength(5);
  });

  it('a line out of order stays in its place and moves nothing after it', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('a.jsonl'), lines(1, 9, 2, 10));
    writeFileSync(folder.path('b.jsonl'), lines(3, 9, 11));
    expect((await times(folder.root)).times).toEqual([1, 3, 9, 2, 9, 10, 11]);
  });

  it('opens a file of a large folder only when its first event happened', async () => {
    using folder = temporaryFolder();
    const expected: number[] = [];
    for (let i = 0; i < 100; i++) {
      mkdirSync(folder.path(`host-${(i * 37) % 100}`));
      writeFileSync(folder.path(`host-${(i * 37) % 100}/log.jsonl`), lines(i * 10, i * 10 + 15));
      expected.push(i * 10, i * 10 + 15);
    }
    const order: string[] = [];
    const stats = await readLanes(folder.root, (item) => order.push(String(timeOf(item))), { now: NOW });
    expect(order.map(Number)).toEqual(expected.toSorted((a, b) => a - b));
    // The order in which files were begun is that of their first events, not that of their names.
    expect(stats.files.map(({ file }) => file)).toEqual(
      Array.from({ length: 100 }, (_, i) => `host-${(i * 37) % 100}/log.jsonl`),
    );
    expect(stats).toMatchObject({ events: 200, lines: 200 });
  });

  it('rejects what is more than five minutes ahead of the clock, and goes on with the rest', async () => {
    using folder = temporaryFolder();
    const minute = 60_000;
    writeFileSync(folder.path('a.jsonl'), lines(NOW, NOW + 6 * minute, NOW + 5 * minute, NOW + 1));
    const { times: read, stats } = await times(folder.root);
    expect(read).toEqual([NOW, NOW + 5 * minute, NOW + 1]);
    expect(stats.rejects).toBe(1);
    expect(stats.rejectList[0]?.reason).toContain('ahead of the clock');
  });

  it('a folder in which nothing is recognised is an error', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('a.bin'), Buffer.from([1, 2, 3, 0, 1]));
    await expect(times(folder.root)).rejects.toMatchObject({ code: 'FORMAT_UNKNOWN' });
  });
});
