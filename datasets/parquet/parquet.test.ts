import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { DuckDBInstance } from '@duckdb/node-api';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { sharedData } from '../../test/shared-data.ts';
import { collect, fixture, temporaryFolder } from '../fixtures/collect.ts';
import { makeZip } from '../fixtures/zip.ts';
import { readDataset } from '../open.ts';
import { openDuckDb, quoted } from './duckdb.ts';

const formats = sharedData('formats');
const source = { dataset: 'd', record: 7, uid: 'u' };
const EVENTS: readonly CanonicalEvent[] = [
  {
    type: 'auth',
    time: 1_600_000_000_123,
    srcHost: 'a',
    dstHost: 'b',
    srcAccount: "o'neil@d",
    dstAccount: 'ü"\n@d',
    protocol: 'Kerberos',
    logonType: 'Network',
    action: 'LogOn',
    success: false,
    source,
  },
  {
    type: 'flow',
    time: 5,
    srcHost: 'a',
    dstHost: 'b',
    srcPort: 1,
    dstPort: 2,
    transport: 'udp',
    image: '',
    service: 'dns',
    operation: '',
    durationMs: 0.25,
    bytesOut: null,
    bytesIn: 4,
    packets: null,
    source: { ...source, record: 8 },
  },
  { type: 'dns', time: 6, host: 'a', query: 'b', source: { ...source, record: 9 } },
];

describe('Parquet', () => {
  const folder = temporaryFolder();
  const scratch = temporaryFolder();
  beforeEach(() => {
    vi.stubEnv('TMPDIR', scratch.root);
    expect(tmpdir()).toBe(scratch.root);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    expect(readdirSync(scratch.root)).toEqual([]);
    expect(readdirSync('.').filter((name) => name.includes('duckdb') || name === '.tmp')).toEqual([]);
  });

  /** Writes what a query of DuckDB gives as a Parquet file. */
  async function write(name: string, query: string): Promise<string> {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`SET TimeZone = 'UTC'`);
    await connection.run(
      `COPY (${query}) TO ${quoted(folder.path(name))} (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
    );
    connection.closeSync();
    instance.closeSync();
    return folder.path(name);
  }

  function jsonLines(name: string, rows: readonly object[]): string {
    writeFileSync(folder.path(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return `SELECT * FROM read_json('${folder.path(name)}', format = 'newline_delimited')`;
  }

  it('gives canonical events back as they were, plain, in a gz and in an archive', async () => {
    const path = await write('events.parquet', jsonLines('events.jsonl', EVENTS));
    const bytes = readFileSync(path);
    writeFileSync(folder.path('events.gz'), gzipSync(bytes));
    writeFileSync(folder.path('events.zip'), makeZip({ 'events.parquet': bytes }));
    for (const name of ['events.parquet', 'events.gz', 'events.zip']) {
      const { events, stats } = await collect(folder.path(name));
      expect(events, name).toEqual(EVENTS);
      expect(stats, name).toMatchObject({ records: 3, rejects: 0, files: [{ format: 'cordon-jsonl' }] });
    }
  });

  it('takes times as instants and the source in columns of its own', async () => {
    const path = await write(
      "it's [1]*.parquet",
      `SELECT 'dns' AS type, TIMESTAMPTZ '2020-09-13 12:26:40.5+00' AS time, 'a' AS host, 'b' AS query, NULL AS image,
        'd' AS "source.dataset", 7 AS "source.record", '' AS "source.uid"`,
    );
    const { events } = await collect(path);
    expect(events).toEqual([
      { type: 'dns', time: 1_600_000_000_500, host: 'a', query: 'b', source: { ...source, uid: '' } },
    ]);
  });

  it('reads the same events as from JSON: Windows records', async () => {
    const rows = readFileSync(fixture('windows-flat.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as object);
    const query = jsonLines('windows.jsonl', rows);
    const expected = await collect(folder.path('windows.jsonl'));
    expect(expected.events.length).toBeGreaterThan(5);
    const { events, stats } = await collect(await write('windows.parquet', query));
    expect(stats.files).toMatchObject([{ format: 'windows-json', records: expected.stats.records }]);
    expect(events).toEqual(expected.events);
  });

  it.skipIf(formats === null)(
    'reads the same events as from JSON: a genuine LANL excerpt (needs shared data)',
    async () => {
      const file = `${formats}/lanl2017_wls.jsonl`;
      const { events } = await collect(file);
      const path = await write('lanl2017_wls.parquet', `SELECT * FROM read_json('${file}')`);
      expect((await collect(path)).events).toEqual(events);
    },
  );

  it('keeps the order of many row groups, hands out batches between them, and rejects by row', async () => {
    const path = await write(
      'many.parquet',
      `SELECT CASE WHEN i = 9999 THEN 'dbs' ELSE 'dns' END AS type, i AS time, 'h' AS host, 'q' || i AS query,
        {'dataset': 'd', 'record': i, 'uid': ''} AS source FROM range(20000) r(i)`,
    );
    const reading = readDataset(path, { batchSize: 1, duckdb: { threads: 2, memoryMb: 200 } });
    const times: number[] = [];
    let batches = 0;
    for await (const batch of reading) {
      batches++;
      for (const event of batch) times.push(event.time);
    }
    expect(times).toEqual(Array.from({ length: 20_000 }, (_, i) => i).filter((i) => i !== 9999));
    expect(batches).toBeGreaterThan(5);
    expect(reading.stats.rejectList).toMatchObject([{ line: 10_000 }]);
  });

  it('skips a table that no reader knows, and reads the rest of the folder', async () => {
    using mixed = temporaryFolder();
    writeFileSync(mixed.path('a.parquet'), readFileSync(await write('other.parquet', 'SELECT 1 AS x')));
    writeFileSync(mixed.path('b.txt'), readFileSync(fixture('auth.txt')));
    const { stats } = await collect(mixed.root);
    expect(stats.skipped).toMatchObject([
      { file: 'a.parquet', reason: 'a JSON document of another kind: not read' },
    ]);
    expect(stats.events).toBe(6);
  });

  it('says FILE_TRUNCATED of a file that is cut short or damaged', async () => {
    const bytes = readFileSync(await write('whole.parquet', jsonLines('whole.jsonl', EVENTS)));
    for (const share of [0.01, 0.5, 0.99]) {
      writeFileSync(folder.path('cut.parquet'), bytes.subarray(0, Math.max(5, bytes.length * share)));
      await expect(collect(folder.path('cut.parquet')), String(share)).rejects.toMatchObject({
        code: 'FILE_TRUNCATED',
        expected: 'cut.parquet to be complete',
      });
    }
    const damaged = Buffer.from(bytes).fill(0xff, 4, Math.floor(bytes.length / 3));
    writeFileSync(folder.path('damaged.parquet'), damaged);
    await expect(collect(folder.path('damaged.parquet'))).rejects.toMatchObject({ code: 'FILE_TRUNCATED' });
  });

  it('says so where the memory does not suffice', async () => {
    const path = await write(
      'wide.parquet',
      `SELECT 'dns' AS type, i AS time, 'h' AS host, repeat(md5(i::VARCHAR), 300000) AS query,
        {'dataset': 'd', 'record': i, 'uid': ''} AS source FROM range(20) r(i)`,
    );
    await expect(collect(path, { duckdb: { memoryMb: 20 } })).rejects.toMatchObject({
      code: 'FORMAT_UNKNOWN',
      expected: 'row groups in wide.parquet that can be read in 20 MB of memory',
      next: 'write the file again with smaller row groups',
    });
  });

  it('reads no other file, loads no extension and changes no setting on the way', async () => {
    const path = await write('one.parquet', 'SELECT 1 AS a');
    const other = await write('two.parquet', 'SELECT 2 AS a');
    using duckdb = await openDuckDb(path, 'one', { memoryMb: 100, threads: 1 });
    const first = async (sql: string): Promise<string[]> => {
      for await (const texts of duckdb.texts(sql)) return texts;
      return [];
    };
    expect(await first(`SELECT a::VARCHAR FROM read_parquet('${path}')`)).toEqual(['1']);
    for (const sql of [
      `SELECT a::VARCHAR FROM read_parquet('${other}')`,
      `SELECT content FROM read_text('/etc/passwd')`,
      `INSTALL httpfs`,
      `LOAD httpfs`,
      `SELECT 'x' FROM read_parquet('https://127.0.0.1:9/x.parquet')`,
      `COPY (SELECT 1) TO '${folder.path('out.csv')}'`,
      'SET enable_external_access = true',
    ]) {
      await expect(first(sql), sql).rejects.toMatchObject({ code: 'FILE_TRUNCATED' });
    }
  });
});
