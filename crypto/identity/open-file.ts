import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { mayBlock } from './blocking.ts';

const pool = {
  read: promisify(fs.read),
  write: promisify(fs.write),
  fsync: promisify(fs.fsync),
  fdatasync: promisify(fs.fdatasync),
  ftruncate: promisify(fs.ftruncate),
};

/** An open file whose small reads and writes block (`mayBlock`); large ones, and every wait for the disk, do not. */
export class OpenFile {
  readonly #descriptor: number;
  readonly #pending = new Set<Promise<unknown>>();
  #closed = false;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** @param flags as of `fs.open`; a file that is made has mode 600 */
  static open(path: string, flags: string | number): OpenFile {
    return new OpenFile(fs.openSync(path, flags, 0o600));
  }

  /** Bytes of the file now. */
  get size(): number {
    return fs.fstatSync(this.#usable()).size;
  }

  /** Fills `into` from `position` on. @returns bytes read: fewer only where the file ends */
  async read(into: Uint8Array, position: number): Promise<number> {
    const blocks = mayBlock(into.length);
    let done = 0;
    while (done < into.length) {
      const [file, count] = [this.#usable(), into.length - done];
      const bytesRead = blocks
        ? fs.readSync(file, into, done, count, position + done)
        : (await this.#pooled(pool.read(file, into, done, count, position + done))).bytesRead;
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  /** Writes all of `bytes` at `position`. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    const blocks = mayBlock(bytes.length);
    let done = 0;
    while (done < bytes.length) {
      const [file, count] = [this.#usable(), bytes.length - done];
      done += blocks
        ? fs.writeSync(file, bytes, done, count, position + done)
        : (await this.#pooled(pool.write(file, bytes, done, count, position + done))).bytesWritten;
    }
  }

  async sync(): Promise<void> {
    await this.#pooled(pool.fsync(this.#usable()));
  }

  /** As `sync`, for a file whose times do not matter. */
  async datasync(): Promise<void> {
    await this.#pooled(pool.fdatasync(this.#usable()));
  }

  async truncate(length: number): Promise<void> {
    await this.#pooled(pool.ftruncate(this.#usable(), length));
  }

  /** Waits for what is under way: the number of a closed file may be another file's the next moment. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#pending.size > 0) await Promise.allSettled(this.#pending);
    fs.closeSync(this.#descriptor);
  }

  #usable(): number {
    if (this.#closed) throw new Error('the file is closed');
    return this.#descriptor;
  }

  async #pooled<T>(call: Promise<T>): Promise<T> {
    this.#pending.add(call);
    try {
      return await call;
    } finally {
      this.#pending.delete(call);
    }
  }
}
