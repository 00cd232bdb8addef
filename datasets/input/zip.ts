import { createInflateRaw, crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { CordonError } from '../../protocol/errors.ts';
import { readProblem, truncated } from './problems.ts';
import { openZip } from './zip-tail.ts';

const MAX_ENTRIES = 100_000;
/** Path and name of an entry, characters. */
const LONGEST_NAME = 1024;
/** Deflate cannot exceed 1032:1; logs that people keep stay below 100:1. */
const MAX_RATIO = 400;
const RATIO_FREE_BYTES = 64 * 2 ** 20;
const INFLATE_CHUNK = 256 * 1024;

/** One entry of an archive, not yet read. */
export interface ZipPart {
  readonly name: string;
  /** How many entries with data the archive holds. */
  readonly siblings: number;
  /** Why the entry cannot be read at all, or null. */
  readonly unreadable: string | null;
  chunks(): AsyncGenerator<Buffer>;
}

/**
 * The entries of a zip file one after the other; each may also be read later, when the archive is opened again for it.
 * They are inflated as a stream. Nothing is extracted to disk, so entry names
 * are labels only; absolute and `..` names are still refused, and so is an entry that inflates beyond all reason.
 * @throws CordonError FILE_TRUNCATED, FORMAT_UNKNOWN, DATA_NOT_FOUND
 */
export async function* zipParts(file: string): AsyncGenerator<ZipPart> {
  let zip: ZipFile;
  try {
    zip = await openZip(file);
  } catch (error) {
    throw zipProblem(file, error);
  }
  try {
    if (zip.entryCount > MAX_ENTRIES) throw refused(file, `${zip.entryCount} entries`);
    const entries: Entry[] = [];
    try {
      for await (const entry of zip.eachEntry()) if (!entry.fileName.endsWith('/')) entries.push(entry);
    } catch (error) {
      throw zipProblem(file, error);
    }
    for (const entry of entries) {
      yield {
        name: entry.fileName.slice(0, LONGEST_NAME),
        siblings: entries.length,
        unreadable: unreadable(entry),
        chunks: () => inflateEntry(file, zip, entry),
      };
    }
  } finally {
    zip.close();
  }
}

function unreadable(entry: Entry): string | null {
  if (entry.fileName.length > LONGEST_NAME) return `a name of ${entry.fileName.length} characters`;
  if (entry.isEncrypted()) return 'encrypted zip entry';
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    return `zip compression method ${entry.compressionMethod}`;
  }
  return null;
}

async function* inflateEntry(file: string, zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  const label = `${file} (${entry.fileName})`;
  let own: ZipFile | null = null;
  try {
    if (!zip.isOpen) own = await openZip(file);
    // Raw bytes and an inflater of our own: larger chunks than yauzl's, and the checksum is checked.
    const raw = await (own ?? zip).openReadStreamPromise(entry, { decodeFileData: false });
    let stream: AsyncIterable<Buffer> = raw;
    if (entry.compressionMethod === 8) {
      const inflate = createInflateRaw({ chunkSize: INFLATE_CHUNK });
      raw.on('error', (error) => inflate.destroy(error));
      stream = raw.pipe(inflate);
    }
    let bytes = 0;
    let crc = 0;
    for await (const chunk of stream) {
      bytes += chunk.length;
      if (bytes > RATIO_FREE_BYTES && bytes > entry.compressedSize * MAX_RATIO) {
        throw refused(
          label,
          `a zip bomb: an entry that inflates to more than ${MAX_RATIO} times its compressed size`,
        );
      }
      crc = crc32(chunk, crc);
      yield chunk;
    }
    if (bytes !== entry.uncompressedSize) {
      throw truncated(label, `${bytes} bytes where the archive says ${entry.uncompressedSize}`);
    }
    if (crc !== entry.crc32) throw truncated(label, 'bytes whose checksum is not the one in the archive');
  } catch (error) {
    throw zipProblem(label, error);
  } finally {
    own?.close();
  }
}

function refused(file: string, got: string): CordonError {
  return new CordonError('FORMAT_UNKNOWN', {
    expected: `an ordinary archive of log files in ${file}`,
    got,
    next: 'unpack it yourself if you trust it, and name the folder instead',
  });
}

function zipProblem(file: string, error: unknown): Error {
  const known = readProblem(file, error);
  if (known instanceof CordonError) return known;
  if (/relative path|absolute path|invalid characters/i.test(known.message))
    return refused(file, known.message);
  return truncated(file, known.message, error);
}
