import type { Bench, BenchContext, Measured } from '../bench.ts';
import type { BenchRow } from '../result.ts';
import { rowOf } from '../statistics.ts';
import { CHARTS, TARGETS } from './charts.ts';
import { type Delays, type Load, delaysOf } from './one-site.ts';

/** What `cordon bench alerts` puts on a participant; the tests take less. */
export interface AlertsSize {
  readonly loads: readonly (Pick<Load, 'rate' | 'logs'> & { readonly name: string })[];
  readonly seconds: number;
  readonly historyDays: number;
}

const RUNS = 3;
const USUAL: AlertsSize = {
  loads: [
    { name: 'one_log.1000', rate: 1000, logs: 1 },
    { name: 'one_log.2000', rate: 2000, logs: 1 },
    { name: 'one_log.5000', rate: 5000, logs: 1 },
    { name: 'eight_logs.1000', rate: 1000, logs: 7 },
  ],
  seconds: 15,
  historyDays: 3,
};

/** How long an alert takes from the moment its line is written, at a participant process that follows growing logs. */
export const alerts: Bench = {
  name: 'alerts',
  targets: TARGETS,
  charts: CHARTS,
  run: (context) => runAlerts(context, USUAL),
};

export async function runAlerts(context: BenchContext, size: AlertsSize): Promise<Measured> {
  const { seconds, historyDays } = size;
  const runs = context.runs ?? RUNS;
  const found = new Map(size.loads.map(({ name }) => [name, [] as Delays[]]));
  for (let run = 0; run < runs; run++) {
    for (const { name, rate, logs } of size.loads) {
      context.say(`Run ${run + 1}/${runs}: ${name}`);
      found.get(name)?.push(await delaysOf({ rate, logs, seconds, historyDays }, context.signal));
    }
  }
  const rows = size.loads.flatMap(({ name, rate, logs }) => {
    const note = `${rate} lines a second for ${seconds} s in ${logs === 1 ? 'one log' : `${logs} logs and a quiet one`}, polled as by default`;
    return rowsOf(name, found.get(name) ?? [], note);
  });
  return { rows, ratios: [], skipped: [] };
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
