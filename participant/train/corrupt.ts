/**
 * Training by contrast without labels: a real event with its destination, source or account taken from another event of
 * the same organisation, so that hosts and accounts are drawn as often as they really occur (degree-matched).
 */
import type { SeededStream } from '../../models/seeded-stream.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { AT, type FeatureName } from '../features/edge-v1.ts';
import type { RowExtractor } from '../features/edge-v2.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import { readEvents, readStream, writeEvents, writeStream } from './sample-state.ts';

const POOL = 4096;
const TRIES = 4;
/** Counts that steps of the same intruder would have raised a moment before. */
const TRAIL: readonly FeatureName[] = [
  'accountFanRecent',
  'sourceFanRecent',
  'accountNewBurst',
  'sourceNewBurst',
];

/**
 * Makes corrupted copies from a pool of at most 4,096 events, a uniform sample of those it has learnt (Vitter 1985,
 * algorithm R). The same stream and events give the same copies.
 */
export class Corrupter {
  #stream: SeededStream;
  readonly #pool: AuthEvent[] = [];
  #seen = 0;

  constructor(stream: SeededStream) {
    this.#stream = stream;
  }

  write(out: SnapshotWriter): void {
    out.number(this.#seen);
    writeStream(out, this.#stream);
    writeEvents(out, this.#pool);
  }

  /** Takes the state of a snapshot. @throws CordonError ENCODING_INVALID */
  read(from: SnapshotReader): void {
    this.#seen = from.whole('events seen', Number.MAX_SAFE_INTEGER);
    this.#stream = readStream(from);
    this.#pool.splice(0, this.#pool.length, ...readEvents(from));
  }

  /** Makes an event one that others may be mixed with. */
  learn(event: AuthEvent): void {
    const place = this.#pool.length < POOL ? this.#pool.length : this.#stream.nextBelow(this.#seen + 1);
    this.#seen++;
    if (place < POOL) this.#pool[place] = event;
  }

  /**
   * Features of a corrupted copy of an event at its time; null where no remote copy with a new pair was found. Intruders
   * come in series, which single copies do not show; so counts of recent first-time steps are raised as if up to four
   * such steps had come before. The history of the extractor stays as it is. The array is used again by the extractor.
   */
  row(event: AuthEvent, extractor: Pick<RowExtractor, 'peek'>): Float32Array | null {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const other = this.#pool[this.#pool.length > 0 ? this.#stream.nextBelow(this.#pool.length) : 0];
      if (other === undefined) return null;
      const copy = this.#mix(event, other);
      if (copy.srcHost === copy.dstHost) continue;
      const row = extractor.peek(copy);
      if (isFamiliar(row)) continue;
      this.#trail(row);
      return row;
    }
    return null;
  }

  #mix(event: AuthEvent, other: AuthEvent): AuthEvent {
    const choice = this.#stream.nextBelow(4);
    if (choice < 2) return { ...event, dstHost: other.dstHost };
    if (choice === 2) return { ...event, srcHost: other.srcHost };
    return { ...event, srcAccount: other.srcAccount, dstAccount: other.dstAccount };
  }

  #trail(row: Float32Array): void {
    const steps = this.#stream.nextBelow(5);
    for (const name of TRAIL) raise(row, AT[name], steps);
    if (this.#stream.nextBelow(2) === 1) raise(row, AT.pivot, 1);
  }
}

function raise(row: Float32Array, at: number, by: number): void {
  row[at] = Math.min(4, Math.log(Math.exp(row[at] ?? 0) + by));
}

/** True where neither the pair of hosts nor the account at source or destination is new. */
export function isFamiliar(row: Float32Array): boolean {
  return row[AT.edgeNew] === 0 && row[AT.accountDestinationNew] === 0 && row[AT.accountSourceNew] === 0;
}
