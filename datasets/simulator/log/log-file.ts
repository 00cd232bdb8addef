import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Transform, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';

/** How a log is compressed. */
export const COMPRESSIONS = ['gz', 'zst', 'none'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

const BUFFER = 1 << 18;

/** The file's name, `auth.txt` with the ending of its compression. */
export function logName(compression: Compression): string {
  return compression === 'none' ? 'auth.txt' : `auth.txt.${compression}`;
}

/**
 * A file that is written chunk by chunk, compressed on the way at the fastest level: the levels above it take several
 * times as long for a tenth of the bytes. Compression runs on a thread of the pool while the next chunk is made; its
 * bytes depend on the chunks alone.
 */
export class LogFile {
  private readonly file: WriteStream;
  private readonly input: Writable;
  private readonly done: Promise<void>;

  constructor(path: string, compression: Compression) {
    const file = createWriteStream(path);
    const compressor = compressorOf(compression);
    if (compressor) {
      compressor.on('error', (error) => file.destroy(error));
      file.on('error', (error) => compressor.destroy(error));
      compressor.pipe(file);
    }
    this.file = file;
    this.input = compressor ?? file;
    this.done = finished(file);
    // Awaited in close(); a failure before that must not count as unhandled.
    this.done.catch(() => undefined);
  }

  /** Resolves when there is room for the next chunk. */
  async write(chunk: Buffer): Promise<void> {
    if (!this.input.write(chunk)) await Promise.race([once(this.input, 'drain'), this.done]);
  }

  /** Stops where it is; the file is left to whoever removes its folder. */
  abandon(): void {
    this.input.destroy();
    this.file.destroy();
  }

  async close(): Promise<void> {
    this.input.end();
    await this.done;
  }
}

function compressorOf(compression: Compression): Transform | null {
  if (compression === 'gz') return createGzip({ level: 1, chunkSize: BUFFER });
  if (compression === 'none') return null;
  const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 };
  return createZstdCompress({ params, chunkSize: BUFFER });
}
