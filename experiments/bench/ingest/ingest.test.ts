import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { BenchContext } from '../bench.ts';
import { runIngestLong } from './ingest-long.ts';
import { runIngest } from './ingest.ts';
import { millisecondsOf } from './shell-case.ts';

const context: BenchContext = {
  runs: 1,
  data: null,
  version: '0',
  say: () => undefined,
  signal: new AbortController().signal,
};
const size = { hosts: 90, accounts: 120, days: 2, events: 20_000, runs: 1, warmUp: 0 };

describe('the bench ingest', () => {
  it('has the rows that are promised, and every stage sees every event', async () => {
    const { rows, ratios } = await runIngest(context, size);
    const names = rows.map(({ name }) => name);
    for (const name of [
      'features.events_per_s',
      'lanl_gz.events_per_s',
      'duckdb.events_per_s',
      'wc.lines_per_s',
      'rss_mb',
    ]) {
      if (name === 'wc.lines_per_s' && process.platform === 'win32') continue;
      expect(names).toContain(name);
    }
    expect(rows.every(({ median }) => median > 0)).toBe(true);
    expect(rows.find(({ name }) => name === 'rss_mb')?.note).toMatch(/\d+ events: simulated, 90 hosts/);
    expect(ratios.map(({ name }) => name)).toContain('duckdb/lanl_gz');
  }, 120_000);

  it('takes a log that is given, and says what is wrong with one that is not gzipped', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cordon-ingest-'));
    try {
      const row = '1,U1@D,U1@D,C1,C2,NTLM,Network,LogOn,Success\n';
      const data = join(folder, 'given.gz');
      writeFileSync(data, gzipSync(row.repeat(300)));
      const long = await runIngestLong(
        { ...context, data },
        {
          ...size,
          marks: [
            { name: 'some', events: 100 },
            { name: 'more', events: 1000 },
          ],
        },
      );
      expect(long.rows.map(({ name }) => name)).toEqual(['all.events_per_s', 'rss_mb.some']);
      expect(long.rows[0]?.note).toBe('300 events: a given log');
      expect(long.skipped).toEqual([{ name: 'rss_mb.more', why: 'the log has only 300 events' }]);
      writeFileSync(data, row);
      await expect(runIngest({ ...context, data }, size)).rejects.toMatchObject({ code: 'FORMAT_UNKNOWN' });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);

  it('reads the times that a shell tells of its children', () => {
    expect(millisecondsOf('0m0.12s 0m0.03s')).toBeCloseTo(150, 6);
    expect(millisecondsOf('1m2.000s 0m0,500s')).toBeCloseTo(62_500, 6);
    expect(() => millisecondsOf('')).toThrow('no times');
  });
});
