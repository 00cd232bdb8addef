import { type FileHandle, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../../crypto/identity/durable-file.ts';
import { makeFolder } from '../../crypto/identity/make-folder.ts';
import { readAt } from './file-head.ts';

/** A piece of the spool is closed, and the next one begun, at this size; bytes. */
const PIECE_BYTES = 8 * 1024 * 1024;
const NAME = /^http\.(\d{10})$/;
const LF = 0x0a;

interface Waiting {
  readonly bytes: Buffer;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * What was sent over HTTP, on disk before it is acknowledged, in numbered pieces that are followed like any rotating
 * log. Requests that come while the disk is busy share the next write.
 */
export class Spool {
  readonly folder: string;
  /** Bytes in all pieces. */
  bytes = 0;
  readonly #sizes = new Map<string, number>();
  #file: FileHandle | null = null;
  #name = '';
  #number: number;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;

  private constructor(folder: string, number: number) {
    this.folder = folder;
    this.#number = number;
  }

  /** Opens the spool of a folder; a line that a crash has cut was not acknowledged and is removed. */
  static async open(folder: string): Promise<Spool> {
    await makeFolder(folder);
    const names = (await readdir(folder)).filter((name) => NAME.test(name)).toSorted();
    const last = names.at(-1);
    const spool = new Spool(folder, last === undefined ? 0 : Number(NAME.exec(last)?.[1]));
    if (last !== undefined) await cutTail(join(folder, last));
    for (const name of names) spool.#count(name, (await stat(join(folder, name))).size);
    return spool;
  }

  /** Whole lines; on disk when this returns. @throws what the disk throws; nothing of it then counts */
  append(lines: string): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ bytes: Buffer.from(lines), done, failed });
      this.#writing ??= this.#write().finally(() => (this.#writing = null));
    });
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#put(Buffer.concat(batch.map(({ bytes }) => bytes)));
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
  }

  async #put(bytes: Buffer): Promise<void> {
    const size = this.#sizes.get(this.#name) ?? 0;
    if (this.#file === null || size + bytes.length > PIECE_BYTES) await this.#next();
    const file = this.#file;
    if (file === null) return;
    const from = this.#sizes.get(this.#name) ?? 0;
    try {
      await file.write(bytes, 0, bytes.length, from);
      await file.datasync();
    } catch (error) {
      // Half of it may stand there: none of it was acknowledged.
      await file.truncate(from).catch(() => undefined);
      throw error;
    }
    this.#count(this.#name, from + bytes.length);
  }

  async #next(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
    this.#number++;
    this.#name = `http.${String(this.#number).padStart(10, '0')}`;
    this.#file = await open(join(this.folder, this.#name), 'wx', 0o600);
    await syncDirectory(this.folder);
    this.#count(this.#name, 0);
  }

  #count(name: string, size: number): void {
    this.bytes += size - (this.#sizes.get(name) ?? 0);
    this.#sizes.set(name, size);
  }

  /** Removes pieces of which a checkpoint has everything; the one that is written to stays. @param taken bytes by piece */
  async remove(taken: ReadonlyMap<string, number>): Promise<void> {
    for (const [name, bytes] of taken) {
      const size = this.#sizes.get(name);
      if (name === this.#name || size === undefined || bytes < size) continue;
      await rm(join(this.folder, name), { force: true });
      this.#count(name, 0);
      this.#sizes.delete(name);
    }
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = null;
  }
}

async function cutTail(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    let end = size;
    while (end > 0) {
      const from = Math.max(0, end - 65_536);
      const newline = (await readAt(file, from, end - from)).lastIndexOf(LF);
      if (newline >= 0) {
        end = from + newline + 1;
        break;
      }
      end = from;
    }
    if (end < size) await truncate(path, end);
  } finally {
    await file.close();
  }
}
