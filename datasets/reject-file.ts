import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { toCordonError } from '../protocol/errors.ts';
import type { Reject } from './stats.ts';

const BUFFERED = 64 * 1024;
/** Kept free for the last line. */
const LAST_LINE = 64;

/**
 * The file of rejects, one JSON object a line. It is written while reading goes on, into a file beside it that gets the
 * name only in `finish`: whoever finds the name finds a whole list. What goes beyond `maxBytes` is counted, and the last
 * line says how many that are (`{"more":12}`).
 */
export class RejectFile {
  readonly #path: string;
  readonly #maxBytes: number;
  #file: number | null = null;
  #buffer = '';
  #bytes = 0;
  #more = 0;

  constructor(path: string, maxBytes: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  /** Before the first reject: a place that cannot be written to is told before anything is read. @throws CordonError */
  open(): void {
    this.#file = attempt(() => openSync(this.#temporary, 'w'));
  }

  get #temporary(): string {
    return `${this.#path}.tmp`;
  }

  /** @throws CordonError DISK_FULL; nothing of the file is left then */
  add(reject: Reject): void {
    const line = `${JSON.stringify(reject)}\n`;
    const bytes = Buffer.byteLength(line);
    if (this.#more > 0 || this.#bytes + bytes > this.#maxBytes - LAST_LINE) {
      this.#more++;
      return;
    }
    this.#bytes += bytes;
    this.#buffer += line;
    if (this.#buffer.length >= BUFFERED) this.#flush();
  }

  /**
   * Writes what is left and gives the file its name.
   * @param failed reading ended with an error, which must be the one that is told: none is thrown here
   * @throws CordonError DISK_FULL; nothing of the file is left then
   */
  finish(failed: boolean): void {
    try {
      if (this.#file === null) return;
      if (this.#more > 0) this.#buffer += `${JSON.stringify({ more: this.#more })}\n`;
      this.#flush();
      this.#close();
      attempt(() => renameSync(this.#temporary, this.#path));
    } catch (error) {
      if (!failed) throw error;
    }
  }

  #flush(): void {
    const file = this.#file;
    if (file === null) return;
    const bytes = Buffer.from(this.#buffer);
    this.#buffer = '';
    try {
      let at = 0;
      while (at < bytes.length) at += writeSync(file, bytes, at);
    } catch (error) {
      this.#close();
      rmSync(this.#temporary, { force: true });
      throw toCordonError(error);
    }
  }

  #close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}

function attempt<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw toCordonError(error);
  }
}
