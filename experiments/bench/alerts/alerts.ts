import type { Bench, BenchContext, Measured } from '../bench.ts';
import type { BenchRow } from '../result.ts';
import { rowOf } from '../statistics.ts';
import { CHARTS, TARGETS } from './charts.ts';
import { type Delays, type Load, delaysOf } from './one-site.ts';

/** What `cordon bench alerts` puts on a participant, and under which name. */
type Named = Load & { readonly name: string };

const RUNS = 3;
/** A checkpoint more often than by default, so that some fall into every run. */
const SMALL = { desks: 500, historyDays: 3, seconds: 15, checkpointSeconds: 5 } as const;
/** Long enough for a checkpoint as by default. */
const LARGE = { desks: 20_000, historyDays: 3, seconds: 70, checkpointSeconds: 60 } as const;
const USUAL: readonly Named[] = [
  { name: 'one_log.1000', rate: 1000, logs: 1, ...SMALL },
  { name: 'one_log.2000', rate: 2000, logs: 1, ...SMALL },
  { name: 'one_log.5000', rate: 5000, logs: 1, ...SMALL },
  { name: 'eight_logs.1000', rate: 1000, logs: 7, ...SMALL },
  { name: 'large_site.1000', rate: 1000, logs: 7, ...LARGE },
];

/** How long an alert takes from the moment its line is written, at a participant process that follows growing logs. */
export const alerts: Bench = {
  name: 'alerts',
  targets: TARGETS,
  charts: CHARTS,
  run: (context) => runAlerts(context, USUAL),
};

async function runAlerts(context: BenchContext, loads: readonly Named[]): Promise<Measured> {
  const runs = context.runs ?? RUNS;
  const found = new Map(loads.map(({ name }) => [name, [] as Delays[]]));
  for (let run = 0; run < runs; run++) {
    for (const load of loads) {
      context.say(`Run ${run + 1}/${runs}: ${load.name}`);
      found.get(load.name)?.push(await delaysOf(load, context.signal));
    }
  }
  const rows = loads.flatMap((load) => rowsOf(load.name, found.get(load.name) ?? [], noteOn(load)));
  return { rows, ratios: [], skipped: [] };
}

function noteOn({ rate, seconds, logs, desks, checkpointSeconds }: Load): string {
  const where = logs === 1 ? 'one log' : `${logs} logs beside a quiet one`;
  return `${rate} lines a second for ${seconds} s in ${where}, ${desks} hosts, a checkpoint every ${checkpointSeconds} s; else as by default`;
}

function rowsOf(name: string, found: readonly Delays[], note: string): BenchRow[] {
  const missing = found.reduce((sum, one) => sum + one.missing, 0);
  if (missing > 0) throw new Error(`${missing} alerts of ${name} did not come`);
  const at = (share: number): number[] => found.map(({ alerts: delays }) => quantile(delays, share));
  const cpu = found.flatMap((one) => one.cpu ?? []);
  return [
    rowOf(`${name}.p50_ms`, 'ms', at(0.5), note),
    rowOf(`${name}.p95_ms`, 'ms', at(0.95), note),
    rowOf(`${name}.p99_ms`, 'ms', at(0.99), note),
    rowOf(`${name}.max_ms`, 'ms', at(1), note),
    ...(cpu.length > 0 ? [rowOf(`${name}.cpu_share`, 'of a core', cpu, note)] : []),
  ];
}

/** The least value that so large a share does not exceed. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
