import { SeededStream } from '../../models/seeded-stream.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';

/** Bytes of events in a snapshot, at most. */
const MOST_BYTES = 2 ** 32;

/** Writes where a stream of random numbers stands. */
export function writeStream(out: SnapshotWriter, stream: SeededStream): void {
  out.bytes(Int32Array.from(stream.state()));
}

/** @throws CordonError ENCODING_INVALID */
export function readStream(from: SnapshotReader): SeededStream {
  const [a = 0, b = 0, c = 0, d = 0] = new Int32Array(from.exactly('a random stream', 16));
  return new SeededStream(a, b, c, d);
}

/** Writes events as JSON lines. */
export function writeEvents(out: SnapshotWriter, events: readonly AuthEvent[]): void {
  out.bytes(Buffer.from(events.map((event) => JSON.stringify(event)).join('\n')));
}

/** @throws CordonError ENCODING_INVALID */
export function* readEvents(from: SnapshotReader): Generator<AuthEvent> {
  const text = Buffer.from(from.bytes('events', MOST_BYTES)).toString();
  if (text === '') return;
  // The digest of the snapshot has been checked: they are what was written.
  for (const line of text.split('\n')) yield JSON.parse(line) as AuthEvent;
}
