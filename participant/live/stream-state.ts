import type { FeatureSet } from '../../models/detection/feature-sets.ts';
import type { AlertDeskSnapshot } from '../alerts/alert-desk.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import type { PipelineSnapshot } from '../telemetry/site-pipeline.ts';
import type { FollowerSnapshot } from './follower.ts';

/** Where a live site stands in its logs. */
export interface StreamState {
  readonly pipeline: PipelineSnapshot;
  readonly follower: FollowerSnapshot;
  /** Counts of periods, as their owner writes them; empty where there are none. */
  readonly counts: Uint8Array;
  /** Feature set of the rows and the history. */
  readonly features: FeatureSet;
  /** Where alerts stand; null where there are none. */
  readonly alerts: AlertDeskSnapshot | null;
}

const STREAM = 'live stream';
const STREAM_VERSION = 4;
/** Written before there were alerts; the same without them. */
const WITHOUT_ALERTS = 3;
/**
 * Entries of one piece of JSON. Whoever writes logs chooses how many names there are and how long, up to more than the
 * longest string of the engine.
 */
const PIECE = 20_000;
const MOST_PIECES = 2 ** 20;

/** As bytes for the checkpoint. */
export function toBytes({ pipeline, follower, counts, features, alerts }: StreamState): Uint8Array {
  const { names, seen, ...rest } = pipeline;
  const out = new SnapshotWriter(STREAM, STREAM_VERSION);
  out.bytes(Buffer.from(JSON.stringify({ pipeline: rest, follower, features })));
  for (const list of [names.recorders, names.addresses, seen.old, seen.young]) writeList(out, list);
  out.bytes(counts);
  out.bytes(Buffer.from(JSON.stringify(alerts)));
  return out.finish();
}

/** @throws CordonError ENCODING_INVALID for bytes that are not whole, or of another version */
export function fromBytes(bytes: Uint8Array): StreamState {
  const version = isOf(bytes, WITHOUT_ALERTS) ? WITHOUT_ALERTS : STREAM_VERSION;
  const from = new SnapshotReader(bytes, STREAM, version);
  // The digest has been checked: it is what was written.
  const rest = json(from) as Pick<StreamState, 'pipeline' | 'follower'> & Partial<StreamState>;
  const names = { recorders: readList<string>(from), addresses: readList<[string, string]>(from) };
  const seen = { old: readList<string>(from), young: readList<string>(from) };
  const counts = new Uint8Array(from.bytes('counts of periods', 2 ** 40));
  const alerts = version === WITHOUT_ALERTS ? null : (json(from) as StreamState['alerts']);
  from.end();
  // Checkpoints that do not say it are older than rows of another set.
  const { follower, features = 'edge-v1' } = rest;
  return { pipeline: { ...rest.pipeline, names, seen }, follower, counts, features, alerts };
}

function isOf(bytes: Uint8Array, version: number): boolean {
  const head = Buffer.from(`cordon ${STREAM} ${version}\n`);
  return head.compare(bytes.subarray(0, head.length)) === 0;
}

function writeList(out: SnapshotWriter, list: readonly unknown[]): void {
  out.number(Math.ceil(list.length / PIECE));
  for (let at = 0; at < list.length; at += PIECE)
    out.bytes(Buffer.from(JSON.stringify(list.slice(at, at + PIECE))));
}

function readList<T>(from: SnapshotReader): T[] {
  const list: T[] = [];
  for (let left = from.whole('pieces', MOST_PIECES); left > 0; left--)
    for (const one of json(from) as T[]) list.push(one);
  return list;
}

function json(from: SnapshotReader): unknown {
  return JSON.parse(Buffer.from(from.bytes('positions', 2 ** 32)).toString());
}
