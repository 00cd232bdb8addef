import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import type { PipelineSnapshot } from '../telemetry/site-pipeline.ts';
import type { FollowerSnapshot } from './follower.ts';

const STREAM = 'live stream';
/** Changes whenever the same bytes would mean something else. */
const STREAM_VERSION = 2;

/** Where the stream of a live site stands. */
export interface StreamState {
  readonly pipeline: PipelineSnapshot;
  readonly follower: FollowerSnapshot;
  /** Of periods of sketch tasks; empty where the site takes part in none. */
  readonly counts: Uint8Array;
}

/** As bytes for the checkpoint. */
export function toBytes({ counts, ...positions }: StreamState): Uint8Array {
  const out = new SnapshotWriter(STREAM, STREAM_VERSION);
  out.bytes(Buffer.from(JSON.stringify(positions)));
  out.bytes(counts);
  return out.finish();
}

/** @throws CordonError ENCODING_INVALID where the bytes are damaged or of another version */
export function fromBytes(bytes: Uint8Array): StreamState {
  const from = new SnapshotReader(bytes, STREAM, STREAM_VERSION);
  const text = Buffer.from(from.bytes('positions', 2 ** 32)).toString();
  const counts = new Uint8Array(from.bytes('counts of periods', 2 ** 40));
  from.end();
  // The digest has been checked: it is what was written.
  return { ...(JSON.parse(text) as Omit<StreamState, 'counts'>), counts };
}
