import type { FileHandle } from 'node:fs/promises';
import type { Format } from '../../datasets/format.ts';
import { FORMATS, recogniseFormat } from '../../datasets/formats.ts';
import type { StreamItem } from '../../datasets/host-facts.ts';
import { completeLines } from '../../datasets/input/head.ts';
import { stem } from '../../datasets/input/parts.ts';
import { sinkInto } from '../../datasets/item-sink.ts';
import { type PartSettings, unread } from '../../datasets/read-part.ts';
import { type DatasetStats, newFileStats } from '../../datasets/stats.ts';
import { Tally } from '../../datasets/tally.ts';
import { openNode, readAt } from './file-head.ts';
import { systemReason } from './scan.ts';
import type { FileState } from './followed-file.ts';
import { GatedContext } from './gated-context.ts';
import { PackedReading } from './packed-reading.ts';
import { PlainReading } from './plain-reading.ts';

/** Enough of a file to tell its format by, where it is still growing. */
const ENOUGH_BYTES = 64 * 1024;
const ENOUGH_LINES = 20;
/** What is taken of a file that is deleted while it is read; the rest is counted as lost. */
const DRAINED_BYTES = 64 * 1024 * 1024;

/** What the feeds of all lanes share. */
export interface FeedModules {
  readonly settings: PartSettings;
  /** Counts of everything that is read; its list of files stays empty. */
  readonly stats: DatasetStats;
  readonly isSettled: (state: FileState) => boolean;
  /** Bytes that are read at once. */
  readonly chunkBytes: () => number;
  /** Told once of a file that cannot be read, or that no reader knows. */
  readonly onTrouble: (label: string, reason: string) => void;
}

/**
 * Items, the bytes read for them, and since when these have been there (null: they were not when the folder was looked at);
 * `wait` where more will come in a moment, of which what follows in this lane must not get ahead; or `none`.
 */
export type Fed =
  { readonly items: StreamItem[]; readonly bytes: number; readonly since: number | null } | 'wait' | 'none';

/** The events of one lane out of its files, the oldest first, as far as they have been written. */
export class LaneFeed {
  readonly modules: FeedModules;
  readonly #plain = new Map<FileState, PlainReading>();
  readonly #packed = new Map<FileState, PackedReading>();
  readonly #rest: StreamItem[] = [];

  constructor(modules: FeedModules) {
    this.modules = modules;
  }

  /** Whether there may be something to read. @param files of this lane, oldest first */
  mayHave(files: readonly FileState[]): boolean {
    const last = files.at(-1);
    return (
      this.#rest.length > 0 ||
      files.some((state) => {
        const { file, unfinished } = state;
        if (file.kind === 'other') return false;
        if (file.kind === 'packed') return !file.done;
        return file.size > file.offset && (unfinished !== file.size || state !== last);
      })
    );
  }

  /** The next items of the lane. @param files of this lane, oldest first */
  async next(files: readonly FileState[]): Promise<Fed> {
    if (this.#rest.length > 0) return { items: this.#rest.splice(0), bytes: 0, since: null };
    for (const [i, state] of files.entries()) {
      const fed = await this.#tryAdvance(state, i === files.length - 1);
      if (fed !== 'none') return fed;
      await this.#close(state);
    }
    return 'none';
  }

  /** A file that the system does not let be read holds up no other one. */
  async #tryAdvance(state: FileState, newest: boolean): Promise<Fed> {
    try {
      return await this.#advance(state, newest);
    } catch (error) {
      const reason = systemReason(error);
      if (reason === null) throw error;
      this.modules.onTrouble(state.file.label, reason);
      return 'none';
    }
  }

  async #advance(state: FileState, newest: boolean): Promise<Fed> {
    const { file } = state;
    if (file.kind === 'other') return 'none';
    if (file.kind === 'packed') return this.#whole(state);
    // Who has it open may still write to a file that was renamed a moment ago.
    const atEnd = newest ? 'none' : this.modules.isSettled(state) ? 'end' : 'wait';
    if (file.size <= file.offset) return atEnd === 'wait' ? 'wait' : 'none';
    if (state.unfinished === file.size) return atEnd === 'end' ? this.#finish(state) : atEnd;
    const reading = await this.#reading(state, !newest);
    if (!(reading instanceof PlainReading)) return reading;
    // What came later would hold up what was there before it: items wait from when the last of them was seen.
    const fed = await reading.next(this.modules.chunkBytes(), state.growth.next(file.offset));
    if (fed !== null) return { ...fed, since: state.growth.since(file.offset) };
    // As long as the look at the folder said, or else written to or cut since: the next look tells.
    if (state.unfinished !== file.size) return newest ? 'none' : 'wait';
    return atEnd === 'end' ? this.#finish(state) : atEnd;
  }

  async #finish(state: FileState): Promise<Fed> {
    const reading = await this.#reading(state, true);
    if (!(reading instanceof PlainReading)) return reading;
    const items = await reading.finish();
    return { items, bytes: 0, since: state.growth.since(state.file.offset) };
  }

  async #whole(state: FileState): Promise<Fed> {
    if (state.file.done || !this.modules.isSettled(state)) return 'none';
    const known = this.#packed.get(state);
    const reading = known ?? new PackedReading(state, this.modules);
    this.#packed.set(state, reading);
    try {
      const fed = await reading.next();
      if (fed !== null) return { ...fed, since: state.growth.since(state.file.size) };
    } catch (error) {
      this.modules.onTrouble(state.file.label, error instanceof Error ? error.message : String(error));
    }
    state.file.done = true;
    return 'none';
  }

  /** Opens it where it was left; `none` while there is too little of it to tell what it is, or no reader for it. */
  async #reading(state: FileState, complete: boolean): Promise<PlainReading | 'wait' | 'none'> {
    const known = this.#plain.get(state);
    if (known !== undefined) return known;
    const file = await openNode(state.path, state.file.node);
    // Renamed since the folder was looked at.
    if (file === null) return 'wait';
    const format = await this.#format(file, state, complete);
    if (format === null) {
      await file.close();
      return 'none';
    }
    const items: StreamItem[] = [];
    const counts = newFileStats(state.file.label, stem(state.file.lane), format.name);
    const needsPast = PlainReading.needsPast(format, state);
    const tally = new Tally(this.modules.stats, counts, this.modules.settings, sinkInto(items));
    const context = new GatedContext(tally, needsPast ? 0 : state.file.lines, !needsPast);
    const reading = await PlainReading.open(file, state, format, context, items);
    this.#plain.set(state, reading);
    return reading;
  }

  /** The format of a file, once there is enough of it to tell; `other` is what a file becomes that has none. */
  async #format(handle: FileHandle, state: FileState, complete: boolean): Promise<Format | null> {
    const { file } = state;
    const { formats = FORMATS } = this.modules.settings;
    if (file.format !== '') return formats.find(({ name }) => name === file.format) ?? null;
    const bytes = await readAt(handle, 0, ENOUGH_BYTES);
    const settled = complete || this.modules.isSettled(state);
    const lines = completeLines(bytes, settled);
    if (!settled && bytes.length < ENOUGH_BYTES && lines.length < ENOUGH_LINES) return null;
    const head = { bytes, lines };
    const format = recogniseFormat(head, formats);
    if (format === null) {
      file.kind = 'other';
      this.modules.onTrouble(file.label, unread(file.label, head).reason);
      return null;
    }
    file.format = format.name;
    return format;
  }

  /** Takes what is left of a file that is not in the folder any more and was open. */
  async drain(state: FileState): Promise<void> {
    const reading = this.#plain.get(state);
    if (reading !== undefined) {
      const { size } = await reading.file.stat();
      if (size >= state.file.offset) {
        state.file.size = size;
        for (let left = DRAINED_BYTES; left > 0;) {
          const fed = await reading.next(this.modules.chunkBytes());
          if (fed === null) break;
          for (const item of fed.items) this.#rest.push(item);
          left -= fed.bytes;
        }
      }
    }
    await this.#close(state);
  }

  async #close(state: FileState): Promise<void> {
    const reading = this.#plain.get(state);
    this.#plain.delete(state);
    await reading?.file.close();
    const packed = this.#packed.get(state);
    this.#packed.delete(state);
    await packed?.close();
  }

  /** Items that were taken out of files that are gone, and not yet handed on. */
  get rest(): readonly StreamItem[] {
    return this.#rest;
  }

  /** Puts such items back in front, after a restart. */
  unread(items: readonly StreamItem[]): void {
    this.#rest.unshift(...items);
  }

  async closeAll(): Promise<void> {
    for (const state of [...this.#plain.keys(), ...this.#packed.keys()]) await this.#close(state);
  }
}
