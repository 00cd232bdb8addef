import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { collect, temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { makeEvtx } from '../../datasets/fixtures/evtx.ts';
import type { StreamItem } from '../../datasets/host-facts.ts';
import { Followed, NOW } from '../../test/followed-folder.ts';

/** A log of one logon; all such files have the same header of 4096 bytes. */
const evtxOf = (second: number): Buffer =>
  makeEvtx([
    {
      id: 4624,
      channel: 'Security',
      computer: 'ws1.corp.test',
      time: NOW - 1000 * second,
      data: { TargetUserName: 'ann', TargetDomainName: 'CORP', LogonType: '2', WorkstationName: 'WS1' },
    },
  ]);

async function writeParquet(path: string, rows: number): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT 'dns' AS type, i AS time, 'h' AS host, 'q' AS query, {'dataset': 'd', 'record': i, 'uid': ''} AS source
     FROM range(${rows}) r(i)) TO '${path}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
}

const eventOf = (item: StreamItem): string => {
  const event = item.type === 'unresolved' ? item.event : item;
  return 'source' in event ? `${event.type} ${event.time}` : '';
};

it('EVTX and Parquet files in a followed folder give the events of reading them', async () => {
  using folder = temporaryFolder();
  const live: string[] = [];
  const followed = new Followed(folder.root, (item) => void live.push(eventOf(item)));
  writeFileSync(folder.path('one.evtx'), evtxOf(1));
  await followed.poll(100);
  writeFileSync(folder.path('two.evtx'), evtxOf(2));
  await writeParquet(folder.path('three.parquet'), 3);
  await writeParquet(folder.path('.four'), 4);
  writeFileSync(folder.path('four.parquet.gz'), gzipSync(readFileSync(folder.path('.four'))));
  await followed.end();
  const { events } = await collect(folder.root);
  expect(events).toHaveLength(9);
  expect(live.filter((event) => event !== '').toSorted()).toEqual(events.map(eventOf).toSorted());
  expect(followed.troubles).toEqual([]);
});
