import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, BenchContext, Measured } from '../bench.ts';
import { childCases } from '../child-cases.ts';
import { type ChildCase, measure } from '../measure.ts';
import type { BenchRatio, BenchRow, BenchSkipped } from '../result.ts';
import { rowOf, significant } from '../statistics.ts';
import { CHARTS, TARGETS } from './charts.ts';
import { decompressed, type LogSize, logUnderTest, whichLog } from './log-under-test.ts';
import { measureChain } from './measure-chain.ts';
import { shellCase } from './shell-case.ts';

/** What `cordon bench ingest` measures; the tests take less. */
export interface IngestSize extends LogSize {
  readonly runs: number;
  readonly warmUp: number;
}

const STAGES = fileURLToPath(new URL('./stages-child.ts', import.meta.url));
const DUCKDB = fileURLToPath(new URL('./duckdb-child.ts', import.meta.url));
/** Memory of a run is measured in so many processes. */
const MEMORY_RUNS = 3;

const USUAL: IngestSize = {
  hosts: 16_000,
  accounts: 74_000,
  days: 2,
  events: 2_000_000,
  runs: 5,
  warmUp: 1,
};

/** A gzipped authentication log to features, stage by stage, beside DuckDB and `wc -l`. */
export const ingest: Bench = {
  name: 'ingest',
  targets: TARGETS,
  charts: CHARTS,
  takesData: true,
  run: (context) => runIngest(context, USUAL),
};

export async function runIngest(context: BenchContext, size: IngestSize): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-bench-'));
  try {
    return await measured(context, size, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measured(context: BenchContext, size: IngestSize, folder: string): Promise<Measured> {
  const { say, signal } = context;
  const runs = context.runs ?? size.runs;
  const log = await logUnderTest(context, size, folder);
  say('Decompressing');
  const plain = await decompressed(log, folder, signal);
  say('Reading');
  using stages = await childCases(STAGES, [log], signal);
  const events = stages.cases[0]?.per ?? 0;
  using duckdb = await childCases(DUCKDB, [log, String(events)], signal);
  const cases: ChildCase[] = [...stages.cases, ...duckdb.cases];
  const skipped: BenchSkipped[] = [];
  if (process.platform === 'win32') {
    skipped.push({ name: 'wc', why: 'needs a POSIX shell with wc and gzip' });
  } else {
    cases.push(
      shellCase('wc.lines_per_s', 'wc -l of the decompressed log', 'wc -l < "$1"', plain, events, signal),
      shellCase('gzip_wc.lines_per_s', 'gzip -dc | wc -l', 'gzip -dc < "$1" | wc -l', log, events, signal),
    );
  }
  const samples = await measure(cases, { runs, warmUp: size.warmUp, say, signal });
  const memory: number[] = [];
  for (let run = 1; run <= Math.min(runs, MEMORY_RUNS); run++) {
    say(`Memory ${run}/${Math.min(runs, MEMORY_RUNS)}`);
    const { peaks } = await measureChain(log, [], signal);
    memory.push((peaks.at(-1)?.bytes ?? 0) / 1e6);
  }
  const rows = [
    ...cases.map(({ name, note }) => {
      const rates = (samples.get(name) ?? []).map((ms) => 1000 / ms);
      return rowOf(name, name.endsWith('lines_per_s') ? 'lines/s' : 'events/s', rates, note);
    }),
    rowOf(
      'rss_mb',
      'mb',
      memory,
      `greatest resident memory of a process that does all; ${whichLog(context, size, events)}`,
    ),
  ];
  return { rows, ratios: ratiosOf(rows), skipped };
}

/** How many times as fast the first is; those of which both were measured. */
const RATIOS: readonly [over: string, under: string][] = [
  ['duckdb.events_per_s', 'lanl_gz.events_per_s'],
  ['duckdb.events_per_s', 'parse.events_per_s'],
  ['gzip_wc.lines_per_s', 'lanl_gz.events_per_s'],
  ['gzip_wc.lines_per_s', 'parse.events_per_s'],
  ['wc.lines_per_s', 'parse.events_per_s'],
  ['gunzip.events_per_s', 'parse.events_per_s'],
  ['parse.events_per_s', 'lanl_gz.events_per_s'],
];

function ratiosOf(rows: readonly BenchRow[]): BenchRatio[] {
  const median = (name: string) => rows.find((row) => row.name === name)?.median;
  return RATIOS.flatMap(([over, under]) => {
    const [a, b] = [median(over), median(under)];
    return a === undefined || b === undefined
      ? []
      : [{ name: `${over.split('.')[0]}/${under.split('.')[0]}`, value: significant(a / b) }];
  });
}
