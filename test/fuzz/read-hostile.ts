import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LONGEST_NAME } from '../../datasets/name-lengths.ts';
import { inspectDataset } from '../../datasets/inspect.ts';
import { renderInspection } from '../../datasets/inspect-text.ts';
import { PeriodCounts } from '../../participant/analytics/period-counts.ts';
import { FeatureExtractor } from '../../participant/features/extractor.ts';
import { readLanes } from '../../participant/telemetry/read-lanes.ts';
import { type PipelineSnapshot, SitePipeline } from '../../participant/telemetry/site-pipeline.ts';
import { twinJson } from '../../participant/twin/export.ts';
import { TwinGraph } from '../../participant/twin/twin-graph.ts';
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { CordonError } from '../../protocol/errors.ts';

const LIMITS = { hosts: 200, accounts: 200, pairs: 1000 };
const MAX_LINE_BYTES = 64 * 1024;
const NOW = Date.UTC(2200, 0);
/** How a file that is no good may end; every other error is one of ours. */
const ENDS = new Set(['FORMAT_UNKNOWN', 'FILE_TRUNCATED', 'TOO_MANY_REJECTS', 'DATA_NOT_FOUND', 'DISK_FULL']);
/** What a terminal takes for a command. */
const CONTROLS = /(?!\n)[\p{Cc}\p{Bidi_Control}]/u;

/** What a reading came to: the counts, or the code of the one error. */
export type Outcome = { readonly events: number; readonly rejects: number } | { readonly code: string };

/**
 * A file through everything that reads it: inspection, lanes, pipeline, twin, features, counts, and the snapshots of all.
 * @throws Error for whatever must never be
 */
export async function readHostile(bytes: Buffer, folder: string, name: string): Promise<Outcome> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  try {
    const outcome = await ended(() => inspected(path));
    const again = await ended(() => followedThrough(path));
    if ('code' in outcome !== 'code' in again && !('code' in again && again.code === 'TOO_MANY_REJECTS'))
      throw new Error(`inspection: ${JSON.stringify(outcome)}, lanes: ${JSON.stringify(again)}`);
    for (const key in {}) throw new Error(`every object now has ${key}`);
    return outcome;
  } finally {
    rmSync(path, { force: true });
  }
}

async function ended(read: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CordonError && ENDS.has(error.code)) return { code: error.code };
    throw error;
  }
}

async function inspected(path: string): Promise<Outcome> {
  const found = await inspectDataset(path, { maxLineBytes: MAX_LINE_BYTES });
  const bad = CONTROLS.exec(renderInspection(found));
  if (bad !== null) throw new Error(`U+${bad[0].codePointAt(0)?.toString(16)} on the terminal`);
  for (const count of ['records', 'events', 'rejects', 'lines'] as const) {
    const sum = found.files.reduce((total, file) => total + file[count], 0);
    if (sum !== found[count]) throw new Error(`${count}: ${found[count]}, of the files ${sum}`);
  }
  return { events: found.events, rejects: found.rejects };
}

async function followedThrough(path: string): Promise<Outcome> {
  const twin = new TwinGraph();
  const features = new FeatureExtractor(LIMITS);
  const counts = new PeriodCounts({ pairs: 500, names: 500 });
  const learner = {
    add(event: Parameters<FeatureExtractor['push']>[0]): void {
      const row = features.push(event);
      if (row !== null && !row.every(Number.isFinite)) throw new Error(`a row with ${row.join()}`);
      counts.add(event, true);
    },
  };
  const seen = { apply: (event: CanonicalEvent) => (check(event), twin.apply(event)) };
  const pipeline = new SitePipeline({ twin: seen, learner }, 100);
  const stats = await readLanes(path, (item, lane) => pipeline.take(item, lane), { now: NOW });
  snapshots(pipeline, twin, features, counts);
  for (const piece of twinJson(twin)) if (piece === '') throw new Error('an empty piece');
  return { events: stats.events, rejects: stats.rejects };
}

/** An event is what its type says, whatever the record held. */
function check(event: CanonicalEvent): void {
  if (!Number.isSafeInteger(event.time)) throw new Error(`time ${event.time}`);
  for (const [field, value] of Object.entries(event)) {
    if (typeof value === 'number' && !(Number.isFinite(value) && value >= 0))
      throw new Error(`${field} ${value}`);
    if (/host|account|query/i.test(field) && String(value).length > LONGEST_NAME)
      throw new Error(`${field} is too long`);
  }
  if (event.type === 'flow' && Math.max(event.srcPort, event.dstPort) > 65_535) throw new Error('a port');
}

/** What was kept comes back as it was: no name that a log holds can spoil a checkpoint. */
function snapshots(
  pipeline: SitePipeline,
  twin: TwinGraph,
  features: FeatureExtractor,
  counts: PeriodCounts,
): void {
  same('twin', twin.snapshot(), TwinGraph.restore(twin.snapshot()).snapshot());
  same('features', features.snapshot(), FeatureExtractor.restore(features.snapshot(), LIMITS).snapshot());
  const other = new PeriodCounts({ pairs: 500, names: 500 });
  other.restore(counts.snapshot());
  same('counts', counts.snapshot(), other.snapshot());
  const text = JSON.stringify(pipeline.snapshot());
  const restored = new SitePipeline({ twin: { apply: () => undefined }, learner: { add: () => null } }, 100);
  restored.restore(JSON.parse(text) as PipelineSnapshot);
  same('pipeline', Buffer.from(text), Buffer.from(JSON.stringify(restored.snapshot())));
}

function same(what: string, before: Uint8Array, after: Uint8Array): void {
  if (Buffer.compare(before, after) !== 0) throw new Error(`the snapshot of ${what} comes back as another`);
}
