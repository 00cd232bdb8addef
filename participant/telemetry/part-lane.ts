import type { StreamItem } from '../../datasets/host-facts.ts';
import { sinkInto } from '../../datasets/item-sink.ts';
import type { Part } from '../../datasets/input/parts.ts';
import { type PartSettings, readPart } from '../../datasets/read-part.ts';
import { type DatasetStats, emptyStats } from '../../datasets/stats.ts';

/** The items of one series of files, its pieces one after the other; a piece is opened when it is its turn. */
export class PartLane {
  readonly #parts: readonly Part[];
  readonly #stats: DatasetStats;
  readonly #settings: PartSettings;
  #items: StreamItem[] = [];
  #at = 0;
  #steps: AsyncGenerator<void> | null = null;

  constructor(parts: readonly Part[], stats: DatasetStats, settings: PartSettings) {
    this.#parts = parts;
    this.#stats = stats;
    this.#settings = settings;
  }

  /** The next items, at least one, or null at the end. @throws CordonError as `readPart` */
  async next(): Promise<StreamItem[] | null> {
    for (;;) {
      if (this.#steps === null) {
        const part = this.#parts[this.#at++];
        if (part === undefined) return null;
        this.#steps = readPart(part, this.#stats, this.#settings, sinkInto(this.#items));
      }
      const { done } = await this.#steps.next();
      if (done === true) this.#steps = null;
      if (this.#items.length > 0) return this.#items.splice(0);
    }
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    await this.#steps?.return(undefined);
    this.#steps = null;
  }

  /** Time of the first item, read without being counted; -Infinity where there is none or it cannot be read. */
  async firstTime(timeOf: (item: StreamItem) => number): Promise<number> {
    const look = new PartLane(this.#parts, emptyStats(), this.#settings);
    try {
      const [first] = (await look.next()) ?? [];
      return first === undefined ? -Infinity : timeOf(first);
    } catch {
      // The same problem comes up, and is told and counted, when the lane is read.
      return -Infinity;
    } finally {
      await look.close();
    }
  }
}
