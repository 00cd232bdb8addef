/**
 * Feature set `edge-v2`: `edge-v1`, and behind it what the other members have seen of the event's account and source host,
 * from the answers of sketch tasks. This member's own part is taken off, so the columns speak of the others alone. Counts
 * pass through ln(1 + n). Where no answer is visible yet, all of them are 0 and the age is 4.
 */
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import type { AnswerBook } from '../analytics/answer-book.ts';
import { EDGE_V1, type Feature } from './edge-v1.ts';
import { usedAccount } from './event-kind.ts';
import { FeatureExtractor } from './extractor.ts';
import type { HistoryLimits } from './history.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { SnapshotWriter } from '../snapshot/snapshot-writer.ts';

const count = [0, 4] as const;
const flag = [0, 1] as const;

/** The columns behind those of `edge-v1`, in their order. */
export const FEDERATION = [
  {
    name: 'federationAge',
    range: count,
    meaning: 'ln(1 + hours) / 2 since the end of the newest period with an answer, 4 where there is none',
  },
  {
    name: 'accountOthers',
    range: count,
    meaning: 'ln(1 + n), other members that saw the account, half-life 6 hours',
  },
  {
    name: 'sourceOthers',
    range: count,
    meaning: 'ln(1 + n), other members that saw the source host, half-life 6 hours',
  },
  {
    name: 'pairOthers',
    range: count,
    meaning: 'ln(1 + n), other members that saw the account from the source host, half-life 6 hours',
  },
  { name: 'accountFederationNew', range: flag, meaning: 'account that no answer so far shows at others' },
  { name: 'sourceFederationNew', range: flag, meaning: 'source host that no answer so far shows at others' },
  {
    name: 'pairFederationNew',
    range: flag,
    meaning: 'account from this source host that no answer so far shows at others',
  },
  {
    name: 'accountFailuresOthers',
    range: count,
    meaning: 'ln(1 + n), failures of the account at others, half-life 6 hours',
  },
  {
    name: 'sourceFailuresOthers',
    range: count,
    meaning: 'ln(1 + n), failures from the source host at others, half-life 6 hours',
  },
  {
    name: 'accountBurstOthers',
    range: count,
    meaning: 'ln(1 + n), first-time destinations of the account at others, half-life 6 hours',
  },
  {
    name: 'sourceBurstOthers',
    range: count,
    meaning: 'ln(1 + n), first-time destinations from the source host at others, half-life 6 hours',
  },
] as const satisfies readonly Feature[];

export type FederationFeature = (typeof FEDERATION)[number]['name'];

const SNAPSHOT = 'edge-v2 history';
const SNAPSHOT_VERSION = 2;

/** Values in a row. */
export const EDGE_V2_LENGTH: number = EDGE_V1.length + FEDERATION.length;

/** Place of each federation column in a row. */
export const FEDERATION_AT = Object.fromEntries(
  FEDERATION.map(({ name }, place) => [name, EDGE_V1.length + place]),
) as Readonly<Record<FederationFeature, number>>;

/** What makes rows of features from events, in the order of the stream. */
export interface RowExtractor {
  /** Values in a row. */
  readonly width: number;
  /** As `FeatureExtractor.push`. */
  push(event: AuthEvent): Float32Array | null;
  /** As `FeatureExtractor.peek`. */
  peek(event: AuthEvent): Float32Array;
  /** As `FeatureExtractor.snapshot`. */
  snapshot(): Uint8Array;
  /** Goes on from a snapshot of the same feature set and limits. @throws CordonError ENCODING_INVALID */
  restore(snapshot: Uint8Array): void;
}

/** The extractor of `edge-v1` under the same interface. */
export function edgeV1Extractor(limits?: HistoryLimits): RowExtractor {
  let base = new FeatureExtractor(limits);
  return {
    width: EDGE_V1.length,
    push: (event) => base.push(event),
    peek: (event) => base.peek(event),
    snapshot: () => base.snapshot(),
    restore: (snapshot) => (base = FeatureExtractor.restore(snapshot, limits)),
  };
}

/**
 * Rows of `edge-v2`. What is visible of the answers depends on the newest event time so far alone, so files and live events
 * give the same rows, event for event, in the order of the stream.
 */
export class FederatedExtractor implements RowExtractor {
  readonly width = EDGE_V2_LENGTH;
  readonly #book: AnswerBook;
  readonly #limits: HistoryLimits | undefined;
  #base: FeatureExtractor;
  #newest = 0;

  constructor(book: AnswerBook, limits?: HistoryLimits) {
    this.#base = new FeatureExtractor(limits, EDGE_V2_LENGTH);
    this.#limits = limits;
    this.#book = book;
  }

  /** Time of the newest event that has got a row: what is visible from then or earlier on has been seen. */
  get newest(): number {
    return this.#newest;
  }

  /** Without the answers, which are the book's, but for the epoch from which they are read. */
  snapshot(): Uint8Array {
    const out = new SnapshotWriter(SNAPSHOT, SNAPSHOT_VERSION);
    out.number(this.#newest);
    out.number(this.#book.fromEpoch);
    out.bytes(this.#base.snapshot());
    return out.finish();
  }

  restore(snapshot: Uint8Array): void {
    const from = new SnapshotReader(snapshot, SNAPSHOT, SNAPSHOT_VERSION);
    this.#newest = from.number();
    this.#book.forgetBefore(from.whole('first epoch of answers', Number.MAX_SAFE_INTEGER));
    const base = new Uint8Array(from.bytes('history', 2 ** 40));
    from.end();
    this.#base = FeatureExtractor.restore(base, this.#limits, EDGE_V2_LENGTH);
  }

  push(event: AuthEvent): Float32Array | null {
    const row = this.#base.push(event);
    this.#advance(event);
    return row && this.#fill(row, event);
  }

  peek(event: AuthEvent): Float32Array {
    this.#advance(event);
    return this.#fill(this.#base.peek(event), event);
  }

  #advance({ time }: AuthEvent): void {
    if (time > this.#newest) this.#newest = time;
    this.#book.advance(this.#newest);
  }

  #fill(row: Float32Array, event: AuthEvent): Float32Array {
    const seen = this.#book.others(usedAccount(event), event.srcHost, this.#newest);
    const at = FEDERATION_AT;
    row[at.federationAge] = seen.ageHours === null ? 4 : Math.min(4, Math.log1p(seen.ageHours) / 2);
    row[at.accountOthers] = clip(seen.account.members);
    row[at.sourceOthers] = clip(seen.source.members);
    row[at.pairOthers] = clip(seen.pair.members);
    row[at.accountFederationNew] = seen.account.isNew ? 1 : 0;
    row[at.sourceFederationNew] = seen.source.isNew ? 1 : 0;
    row[at.pairFederationNew] = seen.pair.isNew ? 1 : 0;
    row[at.accountFailuresOthers] = clip(seen.account.failures);
    row[at.sourceFailuresOthers] = clip(seen.source.failures);
    row[at.accountBurstOthers] = clip(seen.account.fresh);
    row[at.sourceBurstOthers] = clip(seen.source.fresh);
    return row;
  }
}

function clip(value: number): number {
  return Math.min(4, Math.log1p(value));
}
