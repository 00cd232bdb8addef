import { fileParts, type Part } from '../../datasets/input/parts.ts';
import { byAge, seriesOf } from '../telemetry/series.ts';
import { firstBytes, firstUnpacked, headOf, isPacked } from './file-head.ts';
import { type FileState, type FollowedFile, HEAD_BYTES, newFile } from './followed-file.ts';
import { Growth } from './growth.ts';
import { beginsAs, goesOnFrom, isCopy } from './same-file.ts';
import { type SeenFile, systemReason } from './scan.ts';

/** Files that are gone and still known, the last ones. */
const MOST_GONE = 1000;

/** Both clocks: Unix time, and one that never goes back; milliseconds. */
export interface Clocks {
  readonly now: () => number;
  readonly elapsed: () => number;
}

/** A file that was seen and is not followed yet. */
interface Newcomer {
  readonly size: number;
  readonly modified: number;
  readonly since: number;
}

/** What a look at the folder found that is not just growth. */
export interface FileCounts {
  /** Files that became shorter, or whose beginning changed. */
  truncations: number;
  /** Bytes that were there and were gone before they were taken. */
  lostBytes: number;
}

/**
 * Which files there are and how far each has been taken, through renaming, truncation, compression and replacement. A
 * file is known by its inode and, under another inode, by its first bytes: a copy made in rotation, or the compressed
 * file that takes its place, goes on where the first one ended.
 */
export class FileBook {
  readonly counts: FileCounts = { truncations: 0, lostBytes: 0 };
  /** By inode; an archive has a state for each entry. */
  readonly #states = new Map<string, FileState[]>();
  #gone: FileState[] = [];
  readonly #newcomers = new Map<string, Newcomer>();
  readonly #clocks: Clocks;
  readonly #settleMs: number;
  readonly #onLeave: (state: FileState) => Promise<void>;
  readonly #onTrouble: (label: string, reason: string) => void;

  /**
   * @param settleMs a file that has not changed for so long is at rest
   * @param onLeave takes what can still be taken of a file that is not in the folder any more
   * @param onTrouble told of a file that the system does not let be read
   */
  constructor(
    clocks: Clocks,
    settleMs: number,
    onLeave: (state: FileState) => Promise<void>,
    onTrouble: (label: string, reason: string) => void,
  ) {
    this.#clocks = clocks;
    this.#settleMs = settleMs;
    this.#onLeave = onLeave;
    this.#onTrouble = onTrouble;
  }

  /** Files by lane, the oldest first. */
  lanes(): Map<string, FileState[]> {
    const lanes = new Map<string, FileState[]>();
    for (const states of this.#states.values()) {
      for (const state of states) {
        const known = lanes.get(state.file.lane);
        if (known === undefined) lanes.set(state.file.lane, [state]);
        else known.push(state);
      }
    }
    for (const states of lanes.values()) states.sort((a, b) => byAge(a.file.label, b.file.label));
    return lanes;
  }

  /** Whether a file has come to rest: nothing is being written to it now. */
  isSettled({ file, changed }: FileState): boolean {
    return this.#rested(file.modified, changed);
  }

  #rested(modified: number, since: number): boolean {
    const age = this.#clocks.now() - modified;
    return age >= this.#settleMs || this.#clocks.elapsed() - since >= this.#settleMs;
  }

  /** Brings everything in line with what is in the folder now. */
  async update(seen: readonly SeenFile[]): Promise<void> {
    const here = new Set(seen.map(({ node }) => node));
    for (const node of this.#newcomers.keys()) if (!here.has(node)) this.#newcomers.delete(node);
    for (const [node, states] of this.#states) {
      if (here.has(node)) continue;
      for (const state of states) {
        await this.#onLeave(state);
        this.#leave(state);
      }
      this.#states.delete(node);
    }
    // Known files first: what one of them has lost by truncation may be in a file that is new.
    for (const file of seen) if (this.#states.has(file.node)) await this.#try(file, () => this.#look(file));
    for (const file of seen) if (!this.#states.has(file.node)) await this.#try(file, () => this.#meet(file));
  }

  async #try({ label }: SeenFile, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const reason = systemReason(error);
      if (reason === null) throw error;
      this.#onTrouble(label, reason);
    }
  }

  async #look(seen: SeenFile): Promise<void> {
    for (const state of this.#states.get(seen.node) ?? []) {
      const { file } = state;
      const changed = file.size !== seen.size || file.modified !== seen.modified;
      state.path = seen.path;
      if (changed && file.kind !== 'packed' && (await this.#isAnother(file, seen))) {
        // Under another name it is another file, which was given the inode of one that is deleted.
        if (file.label === seen.label) this.counts.truncations++;
        this.#leave(state);
        this.#states.delete(seen.node);
        return;
      }
      if (file.entry === '') file.label = seen.label;
      if (!changed) continue;
      if (file.kind === 'packed') file.done = false;
      // What no reader knew may be known by more of it.
      if (file.kind === 'other' && file.size < HEAD_BYTES) Object.assign(file, { kind: 'plain', format: '' });
      file.size = seen.size;
      file.modified = seen.modified;
      state.changed = this.#clocks.elapsed();
      state.growth.see(file.size, state.changed);
    }
  }

  async #isAnother(file: FollowedFile, seen: SeenFile): Promise<boolean> {
    if (seen.size < file.offset) return true;
    if (file.head.bytes === 0) return false;
    const first = await firstBytes(seen.path, seen.node);
    return first !== null && headOf(first, file.head.bytes).digest !== file.head.digest;
  }

  #leave(state: FileState): void {
    const { file } = state;
    state.gone = true;
    if (file.kind === 'plain') this.counts.lostBytes += Math.max(0, file.size - file.offset);
    this.#gone.push(state);
    if (this.#gone.length > MOST_GONE) this.#gone.shift();
  }

  async #meet(seen: SeenFile): Promise<void> {
    if (seen.size === 0) return;
    this.#note(seen);
    const first = await firstBytes(seen.path, seen.node);
    if (first === null) return;
    const packed = isPacked(first);
    if ((packed || seen.size < HEAD_BYTES) && !this.#isAtRest(seen)) return;
    try {
      const states = packed ? await this.#packed(seen) : await this.#plain(seen, first);
      if (states.length === 0) return;
      this.#newcomers.delete(seen.node);
      this.#states.set(seen.node, states);
    } catch {
      // Cut short or damaged, and at rest: looked at again when it changes.
      const state = this.#begin(seen, newFile(seen.label, seriesOf(seen.label).series, seen.node));
      Object.assign(state.file, { kind: 'packed', done: true });
      this.#states.set(seen.node, [state]);
    }
  }

  /** Notes since when a newcomer has not grown. */
  #note({ node, size, modified }: SeenFile): void {
    const known = this.#newcomers.get(node);
    if (known !== undefined && known.size === size && known.modified === modified) return;
    this.#newcomers.set(node, { size, modified, since: this.#clocks.elapsed() });
  }

  #isAtRest({ node, modified }: SeenFile): boolean {
    return this.#rested(modified, this.#newcomers.get(node)?.since ?? Infinity);
  }

  async #plain(seen: SeenFile, first: Buffer): Promise<FileState[]> {
    const found = this.#known(first, seen.size);
    // A copy in the making, of a file that is still there: what is new will be in one of the two.
    if (found?.gone === false && (await isCopy(seen, first, found))) return [];
    const known = found?.gone === true && (await goesOnFrom(seen, found.file)) ? found : null;
    const file = newFile(seen.label, known?.file.lane ?? seriesOf(seen.label).series, seen.node);
    if (known !== null) this.#inherit(file, known, seen.size);
    return [this.#begin(seen, file)];
  }

  async #packed(seen: SeenFile): Promise<FileState[]> {
    const states: FileState[] = [];
    for await (const part of fileParts(seen.path, seen.label)) {
      const state = await this.#part(seen, part);
      if (state === null) return [];
      states.push(state);
    }
    return states;
  }

  async #part(seen: SeenFile, part: Part): Promise<FileState | null> {
    const first = part.unreadable === null ? await firstUnpacked(part) : Buffer.alloc(0);
    const found = this.#known(first, null);
    if (found?.gone === false && (await beginsAs(first, found))) return null;
    const known = found?.gone === true ? found : null;
    const file = newFile(part.label, known?.file.lane ?? seriesOf(part.label).series, seen.node);
    file.kind = 'packed';
    file.entry = part.label === seen.label ? '' : part.label.slice(seen.label.length + 1);
    if (known !== null) this.#inherit(file, known, null);
    file.head = headOf(first, HEAD_BYTES);
    return this.#begin(seen, file);
  }

  #begin(seen: SeenFile, file: FollowedFile): FileState {
    file.size = seen.size;
    file.modified = seen.modified;
    const changed = this.#newcomers.get(seen.node)?.since ?? this.#clocks.elapsed();
    return { file, path: seen.path, gone: false, changed, growth: grown(file.size, changed), unfinished: -1 };
  }

  /** Goes on where the other file ended. */
  #inherit(file: FollowedFile, known: FileState, size: number | null): void {
    const { kind, offset, lines, items, head, tail, format } = known.file;
    const unread = Math.max(0, known.file.size - offset);
    if (kind === 'plain' && (size === null || size >= known.file.size)) this.counts.lostBytes -= unread;
    // What was read as a whole is counted in items, also where it lies there unpacked now.
    Object.assign(file, {
      kind: kind === 'plain' ? file.kind : 'packed',
      offset,
      lines,
      items,
      head,
      tail,
      format,
    });
    this.#gone = this.#gone.filter((state) => state !== known);
  }

  /** The file that begins with the same bytes and of which this has at least what was taken. @param size null: unknown */
  #known(first: Buffer, size: number | null): FileState | null {
    const digests = new Map<number, string>();
    const matches = ({ file }: FileState): boolean => {
      const { bytes, digest } = file.head;
      if (bytes === 0 || bytes > first.length || (size !== null && size < file.offset)) return false;
      const own = digests.get(bytes) ?? headOf(first, bytes).digest;
      digests.set(bytes, own);
      return own === digest;
    };
    const gone = this.#gone.findLast(matches);
    if (gone !== undefined) return gone;
    for (const states of this.#states.values()) {
      const found = states.find(matches);
      if (found !== undefined) return found;
    }
    return null;
  }

  /** Everything that is known, in a fixed order, for `restore`. */
  snapshot(): { files: FollowedFile[]; gone: FollowedFile[]; counts: FileCounts } {
    return {
      files: [...this.#states.values()].flat().map(({ file }) => ({ ...file })),
      gone: this.#gone.map(({ file }) => ({ ...file })),
      counts: { ...this.counts },
    };
  }

  /** Takes up where `snapshot` was taken; the next `update` finds the files again. */
  restore(from: ReturnType<FileBook['snapshot']>): void {
    const state = (file: FollowedFile, gone: boolean): FileState => {
      // Looked at anew, because it may be another file with the same inode by now.
      const own = { ...file, modified: file.kind === 'packed' ? file.modified : -1 };
      const changed = this.#clocks.elapsed();
      return { file: own, path: '', gone, changed, growth: grown(file.size, changed), unfinished: -1 };
    };
    for (const file of from.files) {
      const same = this.#states.get(file.node) ?? [];
      this.#states.set(file.node, [...same, state(file, false)]);
    }
    this.#gone = from.gone.map((file) => state(file, true));
    Object.assign(this.counts, from.counts);
  }
}

function grown(size: number, at: number): Growth {
  const growth = new Growth();
  growth.see(size, at);
  return growth;
}
