import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bench, BenchContext, Measured } from '../bench.ts';
import { median, rowOf, significant } from '../statistics.ts';
import type { TwinMeasured } from './twin-child.ts';
import type { TwinSize } from './workload.ts';

const CHILD = fileURLToPath(new URL('./twin-child.ts', import.meta.url));
const run = promisify(execFile);
const RUNS = 3;

/** The size of LANL 2015, two million edges. */
const LANL: TwinSize = { hosts: 16_000, accounts: 74_000, destinations: 15, events: 4_000_000 };

/** The twin as rows of numbers beside the same graph in graphology with strings as keys. */
export const twin: Bench = {
  name: 'twin',
  targets: [
    { of: 'twin.known_us', must: 'at most', value: 1 },
    { of: 'twin.mb', must: 'at most', value: 1000 },
  ],
  charts: [
    {
      title: 'An authentication over a known pair',
      unit: 'us',
      scale: 'linear',
      bars: [
        { row: 'twin.known_us', label: 'twin', kind: 'ours' },
        { row: 'graphology.known_us', label: 'graphology', kind: 'other' },
      ],
    },
    {
      title: 'Memory',
      unit: 'mb',
      scale: 'linear',
      bars: [
        { row: 'twin.mb', label: 'twin', kind: 'ours' },
        { row: 'graphology.mb', label: 'graphology', kind: 'other' },
      ],
    },
  ],
  run: (context) => runTwin(context, LANL),
};

/** Each run in a process of its own, the two stores in turns. */
export async function runTwin(context: BenchContext, size: TwinSize): Promise<Measured> {
  const runs = context.runs ?? RUNS;
  const [ours, graphology]: [TwinMeasured[], TwinMeasured[]] = [[], []];
  for (let time = 0; time < runs; time++) {
    for (const [store, list] of [
      ['rows', ours],
      ['graphology', graphology],
    ] as const) {
      context.say(`Run ${time + 1}/${runs}: ${store}`);
      list.push(await child(store, size, context.signal));
    }
  }
  const edges = ours[0]?.edges ?? 0;
  if (ours.concat(graphology).some((one) => one.edges !== edges))
    throw new Error('the graphs are not the same');
  const note = `${size.hosts} hosts, ${size.accounts} accounts, ${edges} edges; processor time`;
  const row = (name: string, unit: string, list: readonly TwinMeasured[], of: keyof TwinMeasured) =>
    rowOf(
      name,
      unit,
      list.map((one) => one[of] ?? 0),
      note,
    );
  const ratio = (name: string, of: 'newUs' | 'knownUs' | 'mb') => ({
    name,
    value: significant(median(graphology.map((one) => one[of])) / median(ours.map((one) => one[of]))),
  });
  return {
    rows: [
      row('twin.known_us', 'us', ours, 'knownUs'),
      row('twin.new_us', 'us', ours, 'newUs'),
      row('twin.mb', 'mb', ours, 'mb'),
      row('twin.snapshot_ms', 'ms', ours, 'snapshotMs'),
      row('twin.snapshot_mb', 'mb', ours, 'snapshotMb'),
      row('twin.restore_ms', 'ms', ours, 'restoreMs'),
      row('twin.roles_ms', 'ms', ours, 'rolesMs'),
      row('graphology.known_us', 'us', graphology, 'knownUs'),
      row('graphology.new_us', 'us', graphology, 'newUs'),
      row('graphology.mb', 'mb', graphology, 'mb'),
    ],
    ratios: [
      ratio('graphology.known_us / twin.known_us', 'knownUs'),
      ratio('graphology.new_us / twin.new_us', 'newUs'),
      ratio('graphology.mb / twin.mb', 'mb'),
    ],
    skipped: [],
  };
}

async function child(store: string, size: TwinSize, signal: AbortSignal): Promise<TwinMeasured> {
  const flags = ['--expose-gc', '--max-old-space-size=4096'];
  const { stdout } = await run(process.execPath, [...flags, CHILD, store, JSON.stringify(size)], { signal });
  return JSON.parse(stdout) as TwinMeasured;
}
