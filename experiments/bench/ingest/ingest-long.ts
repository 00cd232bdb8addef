import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchContext, Measured } from '../bench.ts';
import { rowOf } from '../statistics.ts';
import { LONG_CHARTS, LONG_TARGETS } from './charts.ts';
import { type LogSize, logUnderTest, whichLog } from './log-under-test.ts';
import { measureChain } from './measure-chain.ts';

/** What `cordon bench ingest-long` sends through; the tests take less. */
export interface LongSize extends LogSize {
  /** Memory is read after so many events; names are those of the rows. */
  readonly marks: readonly { readonly name: string; readonly events: number }[];
}

const USUAL: LongSize = {
  hosts: 16_000,
  accounts: 74_000,
  days: 14,
  // A little more than the last mark: the simulator keeps to it within a percent.
  events: 102_000_000,
  marks: [
    { name: '10m', events: 10_000_000 },
    { name: '50m', events: 50_000_000 },
    { name: '100m', events: 100_000_000 },
  ],
};

/** A hundred million events through everything: memory must depend on the organisation and not on the length of its log. */
export const ingestLong: Bench = {
  name: 'ingest-long',
  targets: LONG_TARGETS,
  charts: LONG_CHARTS,
  takesData: true,
  run: (context) => runIngestLong(context, USUAL),
};

export async function runIngestLong(context: BenchContext, size: LongSize): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-bench-'));
  try {
    const log = await logUnderTest(context, size, folder);
    context.say('Reading, twin and features');
    const marks = size.marks.map(({ events }) => events);
    const { events, cpuMs, peaks } = await measureChain(log, marks, context.signal);
    const note = whichLog(context, size, events);
    const rows = size.marks.flatMap((mark) => {
      const peak = peaks.find((one) => one.events >= mark.events);
      if (peak === undefined) return [];
      return [
        rowOf(`rss_mb.${mark.name}`, 'mb', [peak.bytes / 1e6], `greatest resident memory so far; ${note}`),
      ];
    });
    const skipped = size.marks
      .slice(rows.length)
      .map(({ name }) => ({ name: `rss_mb.${name}`, why: `the log has only ${events} events` }));
    const rate = rowOf('all.events_per_s', 'events/s', [(events / cpuMs) * 1000], note);
    return { rows: [rate, ...rows], ratios: growth(rows.map(({ median }) => median)), skipped };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function growth(medians: readonly number[]): Measured['ratios'] {
  const [first, last] = [medians[0], medians.at(-1)];
  if (first === undefined || last === undefined || medians.length < 2) return [];
  return [{ name: 'rss.last/first', value: Number((last / first).toPrecision(3)) }];
}
