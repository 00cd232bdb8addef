import { createReadStream, type Stats } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, relative } from 'node:path';
import { Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { CordonError } from '../../protocol/errors.ts';
import { readProblem } from './problems.ts';
import { filesBelow, type OnProblem } from './walk.ts';
import { zipParts } from './zip.ts';
import { ZstdFrames } from './zstd-frames.ts';

const READ_CHUNK = 256 * 1024;
/** A frame, or a skippable one, with which parallel compressors begin. */
const ZSTD = /^(?:28b52ffd|5[0-9a-f]2a4d18)$/;

/** One stream of plain bytes: a file, a compressed file, or an entry of an archive. */
export interface Part {
  /** Path as shown to people, relative to the data set's folder; archive entries are `archive.zip/entry`. */
  readonly label: string;
  /** Name for `event.source.dataset`: the file's name without its extensions. */
  readonly dataset: string;
  readonly unreadable: string | null;
  /** The file that holds just these bytes; null for what is compressed or in an archive. */
  readonly path: string | null;
  /** @param bytes read at once, 256 KB where left out; entries of an archive may come in larger pieces */
  chunks(bytes?: number): AsyncGenerator<Buffer>;
}

/**
 * Every part of a file or folder in a fixed order (names sorted by code unit). Hidden files and links to folders are
 * left out; links to files are read, and one that leads nowhere is an error, because data would be missing silently.
 * `path` itself may be a link. Compression is recognised by content.
 * @param onProblem takes what cannot be opened below a folder, by its label, and may throw; where left out, the first
 * ends everything. The folder itself, and a file that is named, are errors in any case.
 * @throws CordonError DATA_NOT_FOUND, FILE_TRUNCATED, FORMAT_UNKNOWN
 */
export async function* openParts(path: string, onProblem?: OnProblem): AsyncGenerator<Part> {
  if (path.includes('\0')) throw refused(path, 'a path with a NUL in it');
  let what: Stats;
  try {
    what = await stat(path);
  } catch (error) {
    throw readProblem(path, error);
  }
  if (!what.isDirectory()) {
    // Opening a pipe would wait for whoever writes into it, and its bytes cannot be looked at twice.
    if (!what.isFile()) throw refused(path, NO_FILE);
    yield* fileParts(path, basename(path));
    return;
  }
  let found = false;
  const problem: OnProblem = (at, error) => {
    if (onProblem === undefined || at === path) throw error;
    found = true;
    onProblem(relative(path, at), error);
  };
  for await (const file of filesBelow(path, problem)) {
    found = true;
    const label = relative(path, file.path);
    if (file.special) {
      yield { label, dataset: stem(label), path: null, unreadable: NO_FILE, chunks: nothing };
      continue;
    }
    try {
      yield* fileParts(file.path, label);
    } catch (error) {
      problem(file.path, readProblem(file.path, error));
    }
  }
  if (!found) {
    const empty = (await readdir(path)).length === 0;
    throw new CordonError('DATA_NOT_FOUND', {
      expected: `files in the folder ${path}`,
      got: empty ? 'an empty folder' : 'no readable file (hidden ones are not read)',
      next: 'check the path, or fetch the data first',
    });
  }
}

const NO_FILE = 'a pipe, socket or device, not a file';

async function* nothing(): AsyncGenerator<Buffer> {}

function refused(path: string, got: string): CordonError {
  return new CordonError('DATA_NOT_FOUND', {
    expected: `a file or folder at ${path}`,
    got,
    next: 'write the bytes into a file and name that',
  });
}

/** The parts of one file: itself, or what an archive holds. @throws CordonError as `openParts` */
export async function* fileParts(path: string, label: string): AsyncGenerator<Part> {
  const magic = await readMagic(path);
  if (magic.startsWith('504b0304') || magic.startsWith('504b0506')) {
    const archive = stem(label);
    for await (const part of zipParts(path)) {
      yield {
        label: `${label}/${part.name}`,
        dataset: part.siblings === 1 ? archive : `${archive}/${stem(part.name)}`,
        unreadable: part.unreadable,
        path: null,
        chunks: () => part.chunks(),
      };
    }
    return;
  }
  yield {
    label,
    dataset: stem(label),
    unreadable: null,
    path: isCompressed(magic) ? null : path,
    chunks: (bytes) => fileChunks(path, magic, bytes),
  };
}

async function readMagic(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead).toString('hex');
  } catch (error) {
    throw readProblem(path, error);
  }
}

const isGzip = (magic: string): boolean => magic.startsWith('1f8b');
const isZstd = (magic: string): boolean => magic === '28b52ffd';
const isCompressed = (magic: string): boolean => isGzip(magic) || isZstd(magic);

async function* fileChunks(path: string, magic: string, chunkSize = READ_CHUNK): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: chunkSize });
  let stream: AsyncIterable<Buffer> = file;
  if (magic.startsWith('1f8b')) stream = decoded(file, createGunzip({ chunkSize }));
  else if (ZSTD.test(magic)) {
    stream = decoded(Readable.from(zstdPieces(file)), createZstdDecompress({ chunkSize }));
  }
  try {
    for await (const chunk of stream) yield chunk;
  } catch (error) {
    throw readProblem(path, error);
  } finally {
    file.destroy();
  }
}

function decoded(source: Readable, decoder: Transform): AsyncIterable<Buffer> {
  source.on('error', (error) => decoder.destroy(error));
  return source.pipe(decoder);
}

async function* zstdPieces(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const frames = new ZstdFrames();
  for await (const chunk of file) yield* frames.split(chunk);
  const rest = frames.end();
  if (rest.length > 0) yield rest;
}

/** `a/b/auth.txt.gz` -> `auth`; dots inside the name stay unless they begin a known extension. */
export function stem(label: string): string {
  return basename(label).replace(/(\.(gz|zip|zst|txt|json|jsonl|ndjson|csv|log|parquet|evtx)){1,9}$/i, '');
}
