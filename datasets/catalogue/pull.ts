import { mkdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, matchesGlob, resolve } from 'node:path';
import { CordonError } from '../../protocol/errors.ts';
import { download, type DownloadLimits } from './download.ts';
import { copyFrom, findInMirror } from './from-mirror.ts';
import type { CatalogueEntry, CatalogueFile } from './schema.ts';
import { difference, digestOf, sizeOf } from './verify.ts';

/** Where to pull to and from. */
export interface PullOptions {
  /** The files go to `out/ID/PATH`. */
  readonly out: string;
  /** Folder that has the same files; nothing is asked from the network then. */
  readonly mirror: string | null;
  /** Globs or parts of paths; a file is wanted where one fits. All files where there is none. */
  readonly only: readonly string[];
  /** Most bytes of a file of unknown size. Default 2^40. */
  readonly mostBytes?: number;
  /** The other side may be silent for so long. Default a minute. */
  readonly silentMs?: number;
}

/** One file that is there now. */
export interface PulledFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** `present`: was there and is right. */
  readonly from: 'present' | 'mirror' | 'download';
  /** Whether the catalogue has a checksum to compare with. */
  readonly verified: boolean;
}

/** Told while files come: files done and in all, bytes so far and in all (null where a size is not known). */
export interface PullProgress {
  readonly files: number;
  readonly of: number;
  readonly bytes: number;
  readonly allBytes: number | null;
}

const PART = '.part';

/**
 * Brings the wanted files of a data set to `out/ID`, one after the other, each checked by size and SHA-256 as far as
 * the catalogue knows them before it gets its name. A file that is there already is checked, not fetched. After an
 * error, what is complete stays and the next call goes on from there.
 * @throws CordonError USAGE, DATA_NOT_FOUND, DIGEST_MISMATCH, DOWNLOAD_FAILED, DISK_FULL
 */
export async function pull(
  entry: CatalogueEntry,
  options: PullOptions,
  onProgress?: (progress: PullProgress) => void,
): Promise<PulledFile[]> {
  const files = wanted(entry, options.only);
  const folder = join(resolve(options.out), entry.id);
  await checkSpace(options.out, folder, files);
  const sizes = files.map(({ bytes }) => bytes);
  const allBytes = sizes.includes(null) ? null : sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
  const done: PulledFile[] = [];
  let bytes = 0;
  for (const file of files) {
    const tell = (more: number): void => {
      bytes += more;
      onProgress?.({ files: done.length, of: files.length, bytes, allBytes });
    };
    tell(0);
    done.push(await pullFile(entry, file, join(folder, file.path), options, tell));
  }
  return done;
}

/** The files that `only` asks for. @throws CordonError USAGE where none fits */
export function wanted(entry: CatalogueEntry, only: readonly string[]): CatalogueFile[] {
  const fits = ({ path }: CatalogueFile): boolean =>
    only.length === 0 || only.some((pattern) => path.includes(pattern) || matchesGlob(path, pattern));
  const files = entry.files.filter(fits);
  if (files.length > 0) return files;
  throw new CordonError('USAGE', {
    expected: `a file of ${entry.id}`,
    got: only.map((pattern) => JSON.stringify(pattern)).join(', '),
    next: `cordon datasets ls ${entry.id} shows its files`,
  });
}

async function pullFile(
  entry: CatalogueEntry,
  file: CatalogueFile,
  target: string,
  options: PullOptions,
  tell: (bytes: number) => void,
): Promise<PulledFile> {
  const told = (from: PulledFile['from'], got: { sha256: string; bytes: number }): PulledFile => ({
    path: file.path,
    ...got,
    from,
    verified: file.sha256 !== null,
  });
  if ((await sizeOf(target)) !== null) {
    const got = await digestOf(target);
    const fault = difference(file, got);
    if (fault !== null) throw differs(target, fault, 'move it away and pull again');
    tell(got.bytes);
    return told('present', got);
  }
  await mkdir(dirname(target), { recursive: true });
  const from = await fetchTo(entry, file, target + PART, options, tell);
  const got = await digestOf(target + PART);
  const fault = difference(file, got);
  if (fault !== null) {
    await rm(target + PART, { force: true });
    const next =
      'what came was removed; pull again, and if it happens again the publisher has other files now';
    throw differs(from === 'mirror' ? `${file.path} of the mirror` : (file.url ?? file.path), fault, next);
  }
  await rename(target + PART, target);
  return told(from, got);
}

async function fetchTo(
  entry: CatalogueEntry,
  file: CatalogueFile,
  part: string,
  { mirror, mostBytes = 2 ** 40, silentMs = 60_000 }: PullOptions,
  tell: (bytes: number) => void,
): Promise<'mirror' | 'download'> {
  if (mirror !== null) {
    const path = await findInMirror(mirror, entry.id, file);
    if (path === null) {
      throw new CordonError('DATA_NOT_FOUND', {
        expected: `${join(entry.id, file.path)}, ${file.path} or its name alone in the mirror ${mirror}`,
        got: 'no such file',
        next: 'put it there, or name with --only what the mirror has',
      });
    }
    await copyFrom(path, part, tell);
    return 'mirror';
  }
  if (file.url === null) {
    throw new CordonError('DATA_NOT_FOUND', {
      expected: `${file.path} of ${entry.id} from a person: its publisher asks before handing it out`,
      got: 'no address that a program may ask',
      next: `get it at ${entry.home}, put it into a folder, and name that folder with --mirror`,
    });
  }
  const limits: DownloadLimits = { mostBytes, silentMs };
  await download(file.url, part, file.bytes, limits, tell);
  return 'download';
}

function differs(what: string, got: string, next: string): CordonError {
  return new CordonError('DIGEST_MISMATCH', { expected: `${what} as the catalogue describes it`, got, next });
}

/** Before the first byte: what is known to come, less what is there, fits on the device. */
async function checkSpace(out: string, folder: string, files: readonly CatalogueFile[]): Promise<void> {
  let needed = 0;
  for (const file of files) {
    const have =
      (await sizeOf(join(folder, file.path))) ?? (await sizeOf(join(folder, file.path) + PART)) ?? 0;
    needed += Math.max(0, (file.bytes ?? 0) - have);
  }
  const { bavail, bsize } = await statfs(await existingFolder(folder));
  if (needed <= bavail * bsize) return;
  throw new CordonError('DISK_FULL', {
    expected: `${needed} free bytes at ${out}`,
    got: `${bavail * bsize}`,
    next: 'free some space, choose another folder with --out, or fewer files with --only',
  });
}

/** The folder itself or the nearest one above it that is there: nothing is made before it is known to fit. */
async function existingFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => null);
  const above = dirname(folder);
  return found !== null || above === folder ? folder : existingFolder(above);
}
