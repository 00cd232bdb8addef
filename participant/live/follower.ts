import type { StreamItem } from '../../datasets/host-facts.ts';
import { timeOf } from '../../datasets/item-sink.ts';
import type { PartSettings } from '../../datasets/read-part.ts';
import { type DatasetStats, emptyStats } from '../../datasets/stats.ts';
import { LaneMerge, type MergeLane } from '../telemetry/lane-merge.ts';
import { seriesOf } from '../telemetry/series.ts';
import { AHEAD_MS } from '../telemetry/site-pipeline.ts';
import { type Clocks, FileBook, type FileCounts } from './file-book.ts';
import { firstTime } from './first-time.ts';
import type { FileState } from './followed-file.ts';
import { type FeedModules, LaneFeed } from './lane-feed.ts';
import { scanFolder } from './scan.ts';
import { toldOnce } from './told-once.ts';

/** More lanes than this are not all begun at once: the first item of each is looked at, and read when it is its turn. */
const OPEN_LANES = 64;
/** Memory for what is read and not yet handed on, over all lanes; bytes of input. */
const READ_AHEAD_BYTES = 16 * 1024 * 1024;
const MOST_CHUNK = 256 * 1024;
const LEAST_CHUNK = 4 * 1024;
/** Arrivals that the usual interval is a mean of, the last ones weighing most. */
const USUAL_OF = 16;
/** Items that are handed on before others get their turn. */
const MOST_ITEMS = 20_000;
/** For so long from the first look on a file that must come to rest may keep what was there from being all taken. */
const MOST_RESTLESS_MS = 10_000;
/** Lanes without a file that are kept, the last ones: names of logs may never come again. */
const MOST_BARE = 1000;

/** A folder that is followed; its lanes are named behind `prefix`. */
export interface Watched {
  readonly folder: string;
  readonly prefix: string;
  readonly settings: PartSettings;
}

export interface FollowerOptions {
  readonly watched: readonly Watched[];
  /** How long an item waits for lanes that have nothing, milliseconds. */
  readonly holdMs: number;
  /** A file that has not changed for so long is at rest, milliseconds. */
  readonly settleMs: number;
  readonly onTrouble: (label: string, reason: string) => void;
}

/**
 * `more` can be had at once; `wait` a moment; `idle`: everything that was there at the first look at the folders, and has
 * happened, has been handed on.
 */
export type Advanced = 'more' | 'wait' | 'idle';

/** A lane as metrics show it. */
export interface LaneState {
  readonly merge: MergeLane<StreamItem>;
  readonly feed: LaneFeed;
  /** Oldest first. */
  files: readonly FileState[];
  /** Items that have been read, and when the last ones were, on the clock that never goes back. */
  items: number;
  lastItem: number;
  /** Usual time between two arrivals, milliseconds; null before the second. */
  usualMs: number | null;
}

/** What a follower needs to go on after a restart; plain values. */
export interface FollowerSnapshot {
  readonly books: readonly ReturnType<FileBook['snapshot']>[];
  readonly lanes: readonly {
    readonly name: string;
    readonly max: number | null;
    readonly items: readonly StreamItem[];
    readonly rest: readonly StreamItem[];
  }[];
  readonly ahead: number;
}

/** Growing and rotating files of some folders as one stream, in the order in which reading them later would give it. */
export class Follower {
  readonly stats: DatasetStats = emptyStats();
  readonly lanes = new Map<string, LaneState>();
  /** When, on the clock that never goes back, what waits for other lanes goes on without them; Infinity where nothing does. */
  heldUntil = Infinity;
  /** Items that were more than five minutes ahead of the clock. */
  ahead = 0;
  readonly #clocks: Clocks;
  readonly #holdMs: number;
  readonly #merge: LaneMerge<StreamItem>;
  readonly #sources: readonly Source[];
  /** When the folders were last looked at, on the clock that never goes back. */
  #scanned = -Infinity;
  /** When the first look was over. */
  #first: number | null = null;
  /** Whether a file that the last look found must come to rest before what follows it in its lane is read. */
  #restless = false;
  /** What has happened, as far as the clock ever said: one that is set back holds nothing up. */
  #passed = -Infinity;

  constructor({ watched, holdMs, settleMs, onTrouble: tell }: FollowerOptions, clocks: Clocks) {
    // Every look finds the same trouble again.
    const onTrouble = toldOnce(tell);
    this.#clocks = clocks;
    this.#holdMs = holdMs;
    this.#merge = new LaneMerge({ timeOf, holdMs });
    this.#sources = watched.map(({ folder, prefix, settings }) => {
      const leave = async (state: FileState) => this.lanes.get(prefix + state.file.lane)?.feed.drain(state);
      const book = new FileBook(clocks, settleMs, leave, onTrouble);
      const modules: FeedModules = {
        settings,
        stats: this.stats,
        isSettled: (state) => book.isSettled(state),
        chunkBytes: () => this.#chunkBytes(),
        onTrouble,
      };
      return { folder, prefix, book, modules };
    });
  }

  /** Files that became shorter or were replaced, and bytes that were gone before they were taken. */
  get losses(): FileCounts {
    const sum: FileCounts = { truncations: 0, lostBytes: 0 };
    for (const { book } of this.#sources) {
      sum.truncations += book.counts.truncations;
      sum.lostBytes += book.counts.lostBytes;
    }
    return sum;
  }

  /** Looks at what there is in the folders now. @throws what a folder that cannot be read throws */
  async scan(): Promise<void> {
    const began = this.#clocks.elapsed();
    const bare: LaneState[] = [];
    for (const { folder, prefix, book, modules } of this.#sources) {
      const seen = await scanFolder(folder, modules.onTrouble);
      await book.update(seen);
      const lanes = book.lanes();
      // A log that is there and still empty, or too new to be read, is waited for like one that is quiet.
      for (const { label } of seen) {
        const { series } = seriesOf(label);
        if (!lanes.has(series)) lanes.set(series, []);
      }
      for (const [name, files] of lanes) {
        const lane =
          this.lanes.get(prefix + name) ?? (await this.#begin(prefix + name, files, modules, lanes.size));
        lane.files = files;
      }
      for (const lane of this.lanes.values()) {
        if (lane.feed.modules !== modules || lanes.has(lane.merge.name.slice(prefix.length))) continue;
        lane.files = [];
        if (lane.merge.next >= lane.merge.items.length && lane.feed.rest.length === 0) bare.push(lane);
      }
    }
    for (const { merge } of bare.slice(0, Math.max(0, bare.length - MOST_BARE))) {
      this.#merge.end(merge);
      this.lanes.delete(merge.name);
    }
    for (const { merge, feed, files } of this.lanes.values()) {
      if (merge.next >= merge.items.length && feed.mayHave(files)) this.#merge.wake(merge);
    }
    this.#scanned = began;
    this.#restless = false;
    this.#first ??= this.#clocks.elapsed();
  }

  async #begin(name: string, files: FileState[], modules: FeedModules, lanes: number): Promise<LaneState> {
    const bound = lanes > OPEN_LANES ? await firstTime(files, modules, LEAST_CHUNK) : -Infinity;
    const least = bound > this.#clocks.now() + AHEAD_MS ? -Infinity : bound;
    const now = this.#clocks.elapsed();
    const lane = {
      merge: this.#merge.add(name, least),
      feed: new LaneFeed(modules),
      files,
      items: 0,
      lastItem: now,
      usualMs: null,
    };
    this.lanes.set(name, lane);
    return lane;
  }

  /** Reads at most about `mostBytes` of what the last look found, and hands on, in order, what can be handed on. */
  async advance(take: (item: StreamItem, lane: string) => void, mostBytes: number): Promise<Advanced> {
    let bytes = 0;
    this.#passed = Math.max(this.#passed, this.#clocks.now());
    const handOn = (item: StreamItem, { name }: MergeLane<StreamItem>): void => take(item, name);
    for (;;) {
      // What is waited for must have had its time before the folders were looked at.
      const released = this.#merge.release(handOn, this.#scanned, MOST_ITEMS, this.#passed);
      if (released.stop === 'enough') return 'more';
      this.heldUntil = released.stop === 'hold' ? released.since + this.#holdMs : Infinity;
      if (released.stop === 'hold') return this.#restOf(released.since);
      if (released.stop === 'end' || released.stop === 'ahead') return this.#restOf(Infinity);
      const { lane } = released;
      const state = this.lanes.get(lane.name);
      const fed = state === undefined ? 'none' : await state.feed.next(state.files);
      if (fed === 'wait' || fed === 'none' || state === undefined) {
        // Others wait for it as for one that is quiet: whoever keeps on writing to a renamed file stops nothing else.
        this.#restless ||= fed === 'wait';
        this.#merge.rest(lane);
        continue;
      }
      this.#arrive(state, fed.items, fed.since);
      bytes += fed.bytes;
      if (bytes >= mostBytes) return 'more';
    }
  }

  /** @param since when the first of what waits now came */
  #restOf(since: number): Advanced {
    const first = this.#first ?? Infinity;
    return since > first && (!this.#restless || this.#scanned > first + MOST_RESTLESS_MS) ? 'idle' : 'wait';
  }

  #arrive(lane: LaneState, items: StreamItem[], since: number | null): void {
    const until = this.#clocks.now() + AHEAD_MS;
    const now = this.#clocks.elapsed();
    const plausible = items.filter((item) => timeOf(item) <= until);
    this.ahead += items.length - plausible.length;
    if (plausible.length > 0) {
      const passed = now - lane.lastItem;
      if (lane.items > 0)
        lane.usualMs = (lane.usualMs ?? passed) + (passed - (lane.usualMs ?? passed)) / USUAL_OF;
      lane.lastItem = now;
    }
    lane.items += plausible.length;
    this.#merge.fill(lane.merge, plausible, since ?? now);
  }

  /** Items that have been read and not handed on. */
  get queued(): number {
    let sum = 0;
    for (const { merge, feed } of this.lanes.values())
      sum += merge.items.length - merge.next + feed.rest.length;
    return sum;
  }

  /** Bytes that have been taken of the growing files of a folder, by their names below it. @param prefix of its lanes */
  taken(prefix: string): Map<string, number> {
    const { book } = this.#sources.find((source) => source.prefix === prefix) ?? {};
    const files = [...(book?.lanes().values() ?? [])].flat();
    return new Map(files.map(({ file }) => [file.label, file.offset]));
  }

  #chunkBytes(): number {
    const share = Math.floor(READ_AHEAD_BYTES / Math.max(1, this.lanes.size));
    return Math.min(MOST_CHUNK, Math.max(LEAST_CHUNK, share));
  }

  /** Where everything stands, with what has been read and not handed on. */
  snapshot(): FollowerSnapshot {
    return {
      books: this.#sources.map(({ book }) => book.snapshot()),
      lanes: [...this.lanes.values()].map(({ merge, feed }) => ({
        name: merge.name,
        max: merge.max === -Infinity ? null : merge.max,
        items: merge.items.slice(merge.next),
        rest: [...feed.rest],
      })),
      ahead: this.ahead,
    };
  }

  /** Takes up where `snapshot` was taken; before the first look. */
  restore(from: FollowerSnapshot): void {
    const now = this.#clocks.elapsed();
    from.books.forEach((book, i) => this.#sources[i]?.book.restore(book));
    for (const { name, max, items, rest } of from.lanes) {
      const source = this.#sources.findLast(({ prefix }) => name.startsWith(prefix));
      if (source === undefined) continue;
      const feed = new LaneFeed(source.modules);
      feed.unread(rest);
      const merge = this.#merge.add(name, max ?? -Infinity);
      this.#merge.fill(merge, items, now);
      this.#passed = Math.max(this.#passed, merge.max);
      this.lanes.set(name, { merge, feed, files: [], items: 0, lastItem: now, usualMs: null });
    }
    this.ahead = from.ahead;
  }

  async close(): Promise<void> {
    for (const { feed } of this.lanes.values()) await feed.closeAll();
  }
}

interface Source {
  readonly folder: string;
  readonly prefix: string;
  readonly book: FileBook;
  readonly modules: FeedModules;
}
