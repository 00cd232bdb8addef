import type { StreamItem } from '../../datasets/host-facts.ts';
import { HostBook, type HostBookSnapshot } from '../../datasets/host-book.ts';
import { HostResolver } from '../../datasets/host-resolver.ts';
import type { AuthEvent, CanonicalEvent } from '../../protocol/events/canonical.ts';
import { UidWindow } from './uid-window.ts';

/** An event more than this behind the newest one is late, milliseconds. */
export const LATENESS_MS = 5 * 60_000;
/** An event more than this ahead of the clock has a wrong time, milliseconds. */
export const AHEAD_MS = 5 * 60_000;
/** Records that are known again for certain; at most twice as many are held. */
const REMEMBERED = 250_000;

/** What has passed. */
export interface StreamCounts {
  /** Events that were taken, late ones included, by type. */
  readonly events: Record<CanonicalEvent['type'], number>;
  /** Too far behind the newest event: in the twin, without features. */
  late: number;
  /** Dropped: their record was there before. */
  duplicates: number;
  /** Time of the newest event, -Infinity before the first. */
  newest: number;
}

/** What a pipeline goes on from; plain values. */
export interface PipelineSnapshot {
  readonly counts: Omit<StreamCounts, 'newest'> & { readonly newest: number | null };
  readonly names: HostBookSnapshot;
  readonly seen: ReturnType<UidWindow['snapshot']>;
  readonly last: CanonicalEvent['source'];
  readonly lastSeen: boolean;
  readonly lastLane: string;
}

/** What follows the merge; both see an event at most once, in the order of the stream. */
export interface SiteSinks {
  /** The twin: every event of every type, late ones too. */
  readonly twin: { apply(event: CanonicalEvent): void };
  /** History, features and samples: what is not late. */
  readonly learner: { add(event: AuthEvent): unknown };
}

/**
 * The one way of a site's events behind the merge, for files and live streams alike: names, duplicates, lateness, twin,
 * features. What comes out depends on the order of what goes in and on nothing else.
 */
export class SitePipeline {
  readonly counts: StreamCounts = {
    events: { auth: 0, process: 0, flow: 0, dns: 0, detection: 0 },
    late: 0,
    duplicates: 0,
    newest: -Infinity,
  };
  readonly #sinks: SiteSinks;
  #names: HostResolver;
  readonly #seen: UidWindow;
  /** The record of the last event that has an identity: one record may give several events. */
  #last: CanonicalEvent['source'] = { dataset: '', record: -1, uid: '' };
  /** Whether that record was there before, and the lane that it came in. */
  #lastSeen = false;
  #lastLane = '';

  constructor(sinks: SiteSinks, remembered: number = REMEMBERED) {
    this.#sinks = sinks;
    this.#names = new HostResolver();
    this.#seen = new UidWindow(remembered);
  }

  /** Whether this record has been taken, or is one of those forgotten since: then it is not known. */
  hasSeen(event: CanonicalEvent): boolean {
    return this.#seen.has(keyOf(event));
  }

  /** Whether an event of this time would be late now. */
  isLate(time: number): boolean {
    return time < this.counts.newest - LATENESS_MS;
  }

  /** Everything from which it goes on, as plain values that JSON keeps. */
  snapshot(): PipelineSnapshot {
    const { newest, ...counts } = this.counts;
    return {
      counts: { ...counts, newest: newest === -Infinity ? null : newest },
      names: this.#names.book.snapshot(),
      seen: this.#seen.snapshot(),
      last: this.#last,
      lastSeen: this.#lastSeen,
      lastLane: this.#lastLane,
    };
  }

  /** Takes up where `snapshot` was taken. */
  restore(from: PipelineSnapshot): void {
    const { newest, ...counts } = from.counts;
    Object.assign(this.counts, { ...counts, newest: newest ?? -Infinity });
    this.#names = new HostResolver(HostBook.restore(from.names));
    this.#seen.restore(from.seen);
    this.#last = from.last;
    this.#lastSeen = from.lastSeen;
    this.#lastLane = from.lastLane;
  }

  /** Takes the next item of the merged stream. @param lane that it came in: two lanes may hold the same log */
  take(item: StreamItem, lane = ''): void {
    const event = this.#names.take(item);
    if (event === null) return;
    if (this.#isDuplicate(event, lane)) {
      this.counts.duplicates++;
      return;
    }
    this.counts.events[event.type]++;
    const late = this.isLate(event.time);
    if (late) this.counts.late++;
    else if (event.time > this.counts.newest) this.counts.newest = event.time;
    this.#sinks.twin.apply(event);
    if (event.type === 'auth' && !late) this.#sinks.learner.add(event);
  }

  #isDuplicate(event: CanonicalEvent, lane: string): boolean {
    const { source } = event;
    if (source.uid === '') return false;
    const { uid, record, dataset } = this.#last;
    const isNew = this.#seen.add(keyOf(event));
    const same = source.uid === uid && source.record === record && source.dataset === dataset;
    if (same && lane === this.#lastLane) return this.#lastSeen;
    this.#last = source;
    this.#lastLane = lane;
    this.#lastSeen = !isNew;
    return !isNew;
  }
}

/** One record may be seen by several types of events; each is known by itself. */
function keyOf({ type, source }: CanonicalEvent): string {
  return `${type} ${source.uid}`;
}
