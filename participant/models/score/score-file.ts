import { randomUUID } from 'node:crypto';
import { closeSync, createReadStream, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { TEMPORARY_SUFFIX, createFile } from '../../../crypto/identity/durable-file.ts';
import { LineSplitter } from '../../../datasets/input/lines.ts';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';
import { type LineEnd, SCORE_LINES, type ScoreFormat, type ScoreLines } from './score-lines.ts';

/** Characters that are put together before they are written. */
const PIECE = 1 << 18;
/** Far above what names of a line that was read can come to. */
const MOST_LINE = 1 << 26;

/**
 * A file of scores whose lines end with what only the whole says: beginnings go to a temporary file beside it, and at the
 * end everything is copied to the file itself, which is there whole or not at all. In memory is a piece of it.
 */
export class ScoreFile {
  readonly #path: string;
  readonly #lines: ScoreLines;
  readonly #temporary: string;
  readonly #file: number;
  #text = '';
  #isOpen = true;

  /** @param path must not be there yet */
  constructor(path: string, format: ScoreFormat) {
    this.#path = path;
    this.#lines = SCORE_LINES[format];
    this.#temporary = `${path}.${randomUUID()}${TEMPORARY_SUFFIX}`;
    this.#file = openSync(this.#temporary, 'wx', 0o600);
  }

  /** @param group that the event belongs to */
  add(event: AuthEvent, score: number, group: number): void {
    this.#text += `${group}\t${this.#lines.begin(event, score)}\n`;
    if (this.#text.length >= PIECE) this.#flush();
  }

  /** @param endOf of the line of a group in a place, from 0 */
  async finish(endOf: (group: number, place: number) => LineEnd): Promise<void> {
    this.#flush();
    const out = await createFile(dirname(this.#path));
    try {
      let text = this.#lines.head;
      let place = 0;
      const add = (line: string): void => {
        const tab = line.indexOf('\t');
        text += line.slice(tab + 1) + this.#lines.end(endOf(Number(line.slice(0, tab)), place++));
      };
      const splitter = new LineSplitter(
        (buffer, start, end) => add(buffer.toString('utf8', start, end)),
        () => {
          throw new RangeError(`a line of more than ${MOST_LINE} bytes`);
        },
        MOST_LINE,
      );
      for await (const chunk of createReadStream(this.#temporary)) {
        splitter.write(chunk as Buffer);
        if (text.length < PIECE) continue;
        await out.write(Buffer.from(text));
        text = '';
      }
      splitter.end();
      await out.write(Buffer.from(text));
      await out.seal(this.#path, true);
    } finally {
      await out.discard();
      this.discard();
    }
  }

  /** Removes what was written so far; the file itself stays, once it is finished. */
  discard(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#file);
    rmSync(this.#temporary, { force: true });
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at);
    this.#text = '';
  }
}
