import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeEvents } from '../../../datasets/cordon-jsonl/write.ts';
import { readDataset } from '../../../datasets/open.ts';
import { simulate } from '../../../datasets/simulator/simulate.ts';
import type { CanonicalEvent } from '../../../protocol/events/canonical.ts';
import type { Bench, BenchContext, Measured } from '../bench.ts';
import { measure, type OwnCase } from '../measure.ts';
import { rowOf, significant } from '../statistics.ts';
import { countedByDuckDb, eventsByDuckDb, toParquet } from './duckdb-events.ts';

/** What is measured; the tests take less. */
export interface ReadersSize {
  readonly hosts: number;
  readonly events: number;
  readonly runs: number;
}

/** One log read in several ways, to the same events; processor time for a million lines. */
export const readers: Bench = {
  name: 'readers',
  targets: [],
  charts: [
    {
      title: 'A million lines of auth.txt.gz to events',
      unit: 'ms',
      scale: 'linear',
      bars: [
        { row: 'lanl.ours_ms', label: 'byte reader', kind: 'ours' },
        { row: 'lanl.duckdb_ms', label: 'DuckDB, one thread', kind: 'other' },
        { row: 'lanl.duckdb_ms.2_threads', label: 'DuckDB, two threads', kind: 'other' },
        { row: 'lanl.duckdb_no_events_ms', label: 'DuckDB, no events', kind: 'floor' },
      ],
    },
  ],
  run: (context) => runReaders(context, { hosts: 4000, events: 1_300_000, runs: 5 }),
};

/** Counts events and adds up something of each, so that all ways can be compared. */
class Sums {
  events = 0;
  seconds = 0;
  letters = 0;

  add(event: CanonicalEvent): void {
    this.events++;
    this.seconds += event.time / 1000;
    if (event.type === 'auth') this.letters += event.srcHost.length + event.dstAccount.length;
  }
}

export async function runReaders(context: BenchContext, size: ReadersSize): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-bench-'));
  try {
    return await measured(context, size, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measured(context: BenchContext, size: ReadersSize, folder: string): Promise<Measured> {
  const { say, signal } = context;
  const runs = context.runs ?? size.runs;
  say('Preparing');
  const days = { days: 8, trainDays: 4, seed: 3 };
  const { hosts, events } = size;
  const simulated = { orgs: 1, hosts, accounts: 2 * hosts, ...days, eventsTarget: events };
  const { organisations } = await simulate(simulated, join(folder, 'simulated'), { signal });
  const log = join(folder, 'simulated', organisations[0]?.name ?? '', 'auth.txt.gz');
  const jsonLines = join(folder, 'events.jsonl');
  const parquet = join(folder, 'events.parquet');
  const lines = await writeEvents(jsonLines, readDataset(log));
  await toParquet(jsonLines, parquet);

  const reference = new Sums();
  for await (const batch of readDataset(log)) for (const event of batch) reference.add(event);
  const way = (name: string, read: (sums: Sums) => Promise<void>, note?: string): OwnCase => {
    let sums = new Sums();
    return {
      name,
      clock: 'cpu',
      per: lines / 1e6,
      ...(note === undefined ? {} : { note }),
      before: () => void (sums = new Sums()),
      run: () => read(sums),
      after: () => same(name, sums, reference),
    };
  };
  const reading = (path: string) => async (sums: Sums) => {
    for await (const batch of readDataset(path)) for (const event of batch) sums.add(event);
  };
  const cases: OwnCase[] = [
    way('lanl.ours_ms', reading(log)),
    way('lanl.duckdb_ms', (sums) => eventsByDuckDb(log, 1, (event) => sums.add(event))),
    way('lanl.duckdb_ms.2_threads', (sums) => eventsByDuckDb(log, 2, (event) => sums.add(event))),
    way(
      'lanl.duckdb_no_events_ms',
      async (sums) => {
        const counted = await countedByDuckDb(log);
        sums.events = counted.lines;
        sums.seconds = counted.seconds;
        sums.letters = reference.letters;
      },
      'counts, adds and finds distinct accounts; no event is made',
    ),
    way('events.jsonl_ms', reading(jsonLines), 'canonical events'),
    way('events.parquet_ms', reading(parquet), 'canonical events'),
  ];
  const samples = await measure(cases, { runs, warmUp: 1, say, signal });
  const rows = cases.map(({ name, note }) => rowOf(name, 'ms', samples.get(name) ?? [], note));
  const ratio = (over: string, under: string) => {
    const of = (name: string): number => rows.find((row) => row.name === name)?.median ?? NaN;
    return { name: `${over}/${under}`, value: significant(of(over) / of(under)) };
  };
  const ratios = [
    ratio('lanl.duckdb_ms', 'lanl.ours_ms'),
    ratio('lanl.duckdb_no_events_ms', 'lanl.ours_ms'),
    ratio('events.parquet_ms', 'events.jsonl_ms'),
  ];
  return { rows, ratios, skipped: [] };
}

function same(name: string, got: Sums, expected: Sums): void {
  if (got.events === expected.events && got.seconds === expected.seconds && got.letters === expected.letters)
    return;
  throw new Error(`${name} read other events: ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`);
}
