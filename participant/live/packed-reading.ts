import { recogniseFormat } from '../../datasets/formats.ts';
import type { StreamItem } from '../../datasets/host-facts.ts';
import { peek } from '../../datasets/input/head.ts';
import { fileParts, stem, type Part } from '../../datasets/input/parts.ts';
import { unpacked } from '../../datasets/input/unpack.ts';
import { sinkInto } from '../../datasets/item-sink.ts';
import { newFileStats } from '../../datasets/stats.ts';
import { feedPart, unread } from '../../datasets/read-part.ts';
import { Tally } from '../../datasets/tally.ts';
import type { FileState } from './followed-file.ts';
import { GatedContext } from './gated-context.ts';
import type { FeedModules } from './lane-feed.ts';

/** A file that is read as a whole (compressed, an archive, EVTX, Parquet), piece by piece. */
export class PackedReading {
  readonly #state: FileState;
  readonly #modules: FeedModules;
  readonly #items: StreamItem[] = [];
  readonly #steps: AsyncGenerator<void>;
  /** Items at the beginning that were taken before. */
  #skip: number;

  constructor(state: FileState, modules: FeedModules) {
    this.#state = state;
    this.#modules = modules;
    this.#skip = state.file.items;
    this.#steps = this.#read();
  }

  /** The next items, or null at the end. @throws CordonError as `readPart` */
  async next(): Promise<{ items: StreamItem[]; bytes: number } | null> {
    const { done } = await this.#steps.next();
    const skipped = this.#items.splice(0, this.#skip);
    this.#skip -= skipped.length;
    const items = this.#items.splice(0);
    this.#state.file.items += items.length;
    if (done === true && items.length === 0) return null;
    return { items, bytes: this.#modules.chunkBytes() };
  }

  async close(): Promise<void> {
    await this.#steps.return(undefined);
  }

  async *#read(): AsyncGenerator<void> {
    const { file } = this.#state;
    const { settings, stats, onTrouble } = this.#modules;
    const part = await this.#part();
    if (part === null) return;
    const { head, chunks } = await peek(unpacked(part, settings.maxSpoolBytes, settings.duckdb));
    const format = recogniseFormat(head, settings.formats);
    if (format === null) {
      await chunks.return(undefined);
      onTrouble(file.label, unread(file.label, head).reason);
      return;
    }
    file.format = format.name;
    const dataset = file.entry === '' ? stem(file.lane) : part.dataset;
    const counts = newFileStats(file.label, dataset, format.name);
    const tally = new Tally(stats, counts, settings, sinkInto(this.#items));
    const context = new GatedContext(tally, 0, file.offset === 0);
    yield* feedPart(format, openGateAt(chunks, file.offset, context), context);
  }

  async #part(): Promise<Part | null> {
    const { path, file } = this.#state;
    for await (const part of fileParts(path, '')) {
      if (part.unreadable !== null) continue;
      if (file.entry === '' || part.label === `/${file.entry}`) return part;
    }
    return null;
  }
}

/** The bytes as they are; before those behind the first `from` the gate is opened. */
async function* openGateAt(
  chunks: AsyncGenerator<Buffer>,
  from: number,
  context: GatedContext,
): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const chunk of chunks) {
    const before = context.open ? 0 : Math.min(chunk.length, from - at);
    at += chunk.length;
    if (before > 0) yield chunk.subarray(0, before);
    if (before === chunk.length) continue;
    context.open = true;
    yield before === 0 ? chunk : chunk.subarray(before);
  }
}
