import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory, syncFile } from '../../crypto/identity/durable-file.ts';
import { toCordonError } from '../../protocol/errors.ts';

/** How large the files of a log get. */
export interface LogBounds {
  /** Bytes of the newest file; it is then set aside. */
  readonly most: number;
  /** Files that are set aside: `PATH.1`, the newest of them, to `PATH.kept`. */
  readonly kept: number;
}

const NEWLINE = 0x0a;
const PIECE = 64 * 1024;

/**
 * A file of lines that only grows, mode 600, written by one process. After any end it holds whole lines: what a crash has
 * left of a line goes when it is opened. Full, it is set aside under a number, and the oldest of those goes.
 */
export class AppendLog {
  readonly #path: string;
  readonly #bounds: LogBounds;
  #size: number;

  private constructor(path: string, bounds: LogBounds, size: number) {
    this.#path = path;
    this.#bounds = bounds;
    this.#size = size;
  }

  /** @throws CordonError where the file is there and cannot be read or written */
  static open(path: string, bounds: LogBounds): AppendLog {
    try {
      if (!existsSync(path)) return new AppendLog(path, bounds, 0);
      const size = wholeLines(path);
      truncateSync(path, size);
      return new AppendLog(path, bounds, size);
    } catch (error) {
      throw toCordonError(error);
    }
  }

  /** Lines with their ends, all or none; on disk before it returns. @throws CordonError, for example DISK_FULL */
  async append(lines: string): Promise<void> {
    const bytes = Buffer.from(lines);
    if (bytes.length === 0) return;
    try {
      if (this.#size > 0 && this.#size + bytes.length > this.#bounds.most) this.#setAside();
      const isNew = !existsSync(this.#path);
      // Whoever takes the file away, to keep it elsewhere, begins a new one.
      if (isNew) this.#size = 0;
      const file = openSync(this.#path, 'a', 0o600);
      try {
        for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
        await syncFile(file, bytes.length);
      } catch (error) {
        truncateSync(this.#path, this.#size);
        throw error;
      } finally {
        closeSync(file);
      }
      if (isNew) await syncDirectory(dirname(this.#path));
      this.#size += bytes.length;
    } catch (error) {
      throw toCordonError(error);
    }
  }

  #setAside(): void {
    for (const [from, to] of asideNames(this.#path, this.#bounds.kept)) {
      if (existsSync(from)) renameSync(from, to);
    }
    this.#size = 0;
  }
}

/** The files of a log that are there, the oldest first. */
export function filesOf(path: string, { kept }: LogBounds): string[] {
  const names = Array.from({ length: kept }, (_, i) => `${path}.${kept - i}`);
  return [...names, path].filter((name) => existsSync(name));
}

/** What is renamed to what, the oldest first, so that nothing is overwritten but what goes. */
function asideNames(path: string, kept: number): [string, string][] {
  return Array.from({ length: kept }, (_, i): [string, string] => {
    const number = kept - i;
    return [number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`];
  });
}

/** Bytes of a file up to its last line end. */
function wholeLines(path: string): number {
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(PIECE);
    for (let end = fstatSync(file).size; end > 0;) {
      const from = Math.max(0, end - PIECE);
      const read = readSync(file, piece, 0, end - from, from);
      const at = piece.subarray(0, read).lastIndexOf(NEWLINE);
      if (at >= 0) return from + at + 1;
      end = from;
    }
    return 0;
  } finally {
    closeSync(file);
  }
}
