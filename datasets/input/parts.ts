import { createReadStream, type Dirent } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { CordonError } from '../../protocol/errors.ts';
import { readProblem } from './problems.ts';
import { zipParts } from './zip.ts';

const READ_CHUNK = 256 * 1024;

/** One stream of plain bytes: a file, a compressed file, or an entry of an archive. */
export interface Part {
  /** Path as shown to people, relative to the data set's folder; archive entries are `archive.zip/entry`. */
  readonly label: string;
  /** Name for `event.source.dataset`: the file's name without its extensions. */
  readonly dataset: string;
  readonly unreadable: string | null;
  /** The file that holds just these bytes; null for what is compressed or in an archive. */
  readonly path: string | null;
  chunks(): AsyncGenerator<Buffer>;
}

/**
 * Every part of a file or folder in a fixed order (names sorted by code unit). Hidden files and links to folders are
 * left out; links to files are read, and one that leads nowhere is an error, because data would be missing silently.
 * `path` itself may be a link. Compression is recognised by content.
 * @throws CordonError DATA_NOT_FOUND, FILE_TRUNCATED, FORMAT_UNKNOWN
 */
export async function* openParts(path: string): AsyncGenerator<Part> {
  let folder: boolean;
  try {
    folder = (await stat(path)).isDirectory();
  } catch (error) {
    throw readProblem(path, error);
  }
  if (!folder) {
    yield* fileParts(path, basename(path));
    return;
  }
  let found = false;
  for await (const file of walk(path)) {
    found = true;
    yield* fileParts(file, relative(path, file));
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

async function* walk(folder: string): AsyncGenerator<string> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw readProblem(folder, error);
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile() || (entry.isSymbolicLink() && (await leadsToFile(path)))) yield path;
  }
}

/** A link to a folder may lead back to where it stands, and what it leads to may be in the data set already. */
async function leadsToFile(link: string): Promise<boolean> {
  try {
    return (await stat(link)).isFile();
  } catch (error) {
    throw readProblem(link, error);
  }
}

async function* fileParts(path: string, label: string): AsyncGenerator<Part> {
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
    chunks: () => fileChunks(path, magic),
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

async function* fileChunks(path: string, magic: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: READ_CHUNK });
  const decoder = isGzip(magic)
    ? createGunzip({ chunkSize: READ_CHUNK })
    : isZstd(magic)
      ? createZstdDecompress({ chunkSize: READ_CHUNK })
      : null;
  let stream: AsyncIterable<Buffer> = file;
  if (decoder) {
    file.on('error', (error) => decoder.destroy(error));
    stream = file.pipe(decoder);
  }
  try {
    for await (const chunk of stream) yield chunk;
  } catch (error) {
    throw readProblem(path, error);
  } finally {
    file.destroy();
  }
}

/** `a/b/auth.txt.gz` -> `auth`; dots inside the name stay unless they begin a known extension. */
export function stem(label: string): string {
  return basename(label).replace(/(\.(gz|zip|zst|txt|json|jsonl|ndjson|csv|log|evtx))+$/i, '');
}
