import type { FileHandle } from 'node:fs/promises';
import type { Format, RecordReader } from '../../datasets/format.ts';
import type { StreamItem } from '../../datasets/host-facts.ts';
import { headOf, readAt } from './file-head.ts';
import { type FileState, HEAD_BYTES, TAIL_BYTES } from './followed-file.ts';
import type { GatedContext } from './gated-context.ts';

const LF = 0x0a;
const CATCH_UP_BYTES = 1024 * 1024;

/** A growing file that is being read: whole lines as they come, the unfinished last one when it is whole. */
export class PlainReading {
  readonly file: FileHandle;
  readonly #state: FileState;
  readonly #context: GatedContext;
  readonly #reader: RecordReader;
  readonly #items: StreamItem[];
  /** Bytes that the reader has; beyond `offset` only within a line that is longer than what is read at once. */
  #fed: number;

  private constructor(
    file: FileHandle,
    state: FileState,
    context: GatedContext,
    reader: RecordReader,
    items: StreamItem[],
  ) {
    this.file = file;
    this.#state = state;
    this.#context = context;
    this.#reader = reader;
    this.#items = items;
    this.#fed = state.file.offset;
  }

  /**
   * Goes on where the file was left.
   * @param items where what `context` lets through ends up
   */
  static async open(
    file: FileHandle,
    state: FileState,
    format: Format,
    context: GatedContext,
    items: StreamItem[],
  ): Promise<PlainReading> {
    const reading = new PlainReading(file, state, context, format.open(context), items);
    if (!context.open) await reading.#catchUp(state.file.offset);
    return reading;
  }

  /** Whether a reader of this format needs what was taken before once more. */
  static needsPast(format: Format, state: FileState): boolean {
    return format.resumable !== true && state.file.offset > 0;
  }

  async #catchUp(until: number): Promise<void> {
    for (let at = 0; at < until;) {
      const bytes = await readAt(this.file, at, Math.min(CATCH_UP_BYTES, until - at));
      if (bytes.length === 0) break;
      this.#reader.write(bytes);
      at += bytes.length;
    }
    this.#context.open = true;
  }

  /**
   * Takes at most `most` bytes, up to the end of the last whole line among them.
   * @param until what lies beyond waits for the next call, unless there is no whole line before it
   * @returns items, perhaps none, and the bytes read; null where there is no more than an unfinished line
   */
  async next(most: number, until = Infinity): Promise<{ items: StreamItem[]; bytes: number } | null> {
    const early = Math.min(most, until - this.#fed);
    let bytes = await readAt(this.file, this.#fed, early > 0 ? early : most);
    let whole = bytes.lastIndexOf(LF) + 1;
    if (whole === 0 && early < most) {
      bytes = await readAt(this.file, this.#fed, most);
      whole = bytes.lastIndexOf(LF) + 1;
    }
    // A line longer than this is given to the reader as it comes: it knows what to do with too long ones.
    const taken = whole > 0 ? whole : bytes.length === most ? most : 0;
    if (taken === 0) {
      this.#state.unfinished = this.#fed + bytes.length;
      return null;
    }
    this.#reader.write(bytes.subarray(0, taken));
    this.#fed += taken;
    if (whole > 0) await this.#settle(bytes.subarray(0, taken));
    return { items: this.#items.splice(0), bytes: taken };
  }

  /** Takes the unfinished last line as it is: nothing will be added to it. */
  async finish(): Promise<StreamItem[]> {
    const rest = await readAt(this.file, this.#fed, Math.max(0, this.#state.file.size - this.#fed));
    this.#reader.write(rest);
    this.#reader.end();
    this.#fed += rest.length;
    await this.#settle(rest);
    return this.#items.splice(0);
  }

  /** @param taken the last bytes of what was taken */
  async #settle(taken: Buffer): Promise<void> {
    const { file } = this.#state;
    file.offset = this.#fed;
    file.lines = this.#context.lines;
    file.size = Math.max(file.size, this.#fed);
    this.#state.unfinished = -1;
    if (taken.length > 0) file.tail = headOf(taken.subarray(-TAIL_BYTES), TAIL_BYTES);
    if (file.head.bytes >= HEAD_BYTES) return;
    const first = await readAt(this.file, 0, Math.min(HEAD_BYTES, file.offset));
    file.head = headOf(first, first.length);
  }
}
