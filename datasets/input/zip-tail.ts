import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { fromRandomAccessReaderPromise, openPromise, RandomAccessReader, type ZipFile } from 'yauzl';

const EOCD_BYTES = 22;
const EOCD_SIGNATURE = 0x06054b50;
const MAX_COMMENT = 0xffff;
const OPTIONS = { lazyEntries: true, autoClose: false };

class RangedFile extends RandomAccessReader {
  private readonly path: string;

  constructor(path: string) {
    super();
    this.path = path;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return createReadStream(this.path, { start, end: end - 1 });
  }
}

/**
 * Opens a zip file. Bytes after the archive's own end (a newline that an editor or a download added; published
 * archives have it) are left out, as every unzip tool does; yauzl alone refuses them.
 */
export async function openZip(path: string): Promise<ZipFile> {
  try {
    return await openPromise(path, OPTIONS);
  } catch (error) {
    const end =
      error instanceof Error && error.message.includes('comment length') ? await archiveEnd(path) : -1;
    if (end < 0) throw error;
    return fromRandomAccessReaderPromise(new RangedFile(path), end, OPTIONS);
  }
}

/** Where the end-of-central-directory record says that the archive ends, if that lies inside the file; else -1. */
async function archiveEnd(path: string): Promise<number> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const length = Math.min(size, EOCD_BYTES + MAX_COMMENT);
  const tail = Buffer.alloc(length);
  await file.read(tail, 0, length, size - length);
  for (let at = length - EOCD_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== EOCD_SIGNATURE) continue;
    const end = at + EOCD_BYTES + tail.readUInt16LE(at + 20);
    if (end <= length) return size - length + end;
  }
  return -1;
}
