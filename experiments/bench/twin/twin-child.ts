/**
 * A process of its own with one twin in it, so that its memory is the twin's: `node --expose-gc twin-child.ts STORE SIZE`
 * prints one JSON object. STORE is `rows` or `graphology`.
 */
import { TwinGraph } from '../../../participant/twin/twin-graph.ts';
import { StringGraph } from './string-graph.ts';
import { type TwinSize, workload } from './workload.ts';

/** What the child prints: microseconds of processor time an event, megabytes, milliseconds. */
export interface TwinMeasured {
  readonly edges: number;
  readonly newUs: number;
  readonly knownUs: number;
  readonly mb: number;
  readonly snapshotMs: number | null;
  readonly snapshotMb: number | null;
  readonly restoreMs: number | null;
  readonly rolesMs: number | null;
}

const [store = '', text = ''] = process.argv.slice(2);
const size = JSON.parse(text) as TwinSize;
const { pairs, known } = workload(size);
const before = memory();
const twin = store === 'rows' ? new TwinGraph() : new StringGraph();
const newUs = cpu(() => applyAll(pairs)) / (size.accounts * size.destinations);
const knownUs = cpu(() => applyAll(known)) / size.events;
const mb = (memory() - before) / 1e6;
const measured: TwinMeasured = {
  newUs,
  knownUs,
  mb,
  ...(twin instanceof TwinGraph ? more(twin) : none(twin)),
};
process.stdout.write(`${JSON.stringify(measured)}\n`);

function applyAll(events: typeof pairs): void {
  for (const event of events) twin.apply(event);
}

function more(graph: TwinGraph): Omit<TwinMeasured, 'newUs' | 'knownUs' | 'mb'> {
  const { accountEdges, hostEdges } = graph.sizes();
  let bytes: Uint8Array = new Uint8Array();
  const snapshotMs = cpu(() => (bytes = graph.snapshot())) / 1000;
  const restoreMs = cpu(() => TwinGraph.restore(bytes)) / 1000;
  const rolesMs =
    cpu(() => {
      const roles = graph.roles();
      return [roles.hosts(), roles.accounts()];
    }) / 1000;
  return { edges: accountEdges + hostEdges, snapshotMs, snapshotMb: bytes.length / 1e6, restoreMs, rolesMs };
}

function none(graph: StringGraph): Omit<TwinMeasured, 'newUs' | 'knownUs' | 'mb'> {
  return { edges: graph.edges, snapshotMs: null, snapshotMb: null, restoreMs: null, rolesMs: null };
}

/** Microseconds of processor time. */
function cpu(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** Bytes in use, garbage collected. */
function memory(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
