import { rename, writeFile } from 'node:fs/promises';
import { CordonError } from '../protocol/errors.ts';
import type { CanonicalEvent } from '../protocol/events/canonical.ts';
import type { Format, Head, ReaderContext } from './format.ts';
import { FORMATS, recogniseFormat } from './formats.ts';
import type { HostBook } from './host-book.ts';
import type { StreamItem } from './host-facts.ts';
import { HostResolver } from './host-resolver.ts';
import { peek } from './input/head.ts';
import { openParts, type Part } from './input/parts.ts';
import { wholeFile } from './input/whole-file.ts';
import { emptyStats, type DatasetStats, type FileStats } from './stats.ts';
import { Tally, type Sink } from './tally.ts';
import { TimeZone } from './time-zone.ts';
import { knownUnread } from './unread.ts';

/** Limits and places of one reading; all may be left out. */
export interface ReadOptions {
  /** Events in a batch, at least (the last may be smaller). Default 4096. */
  readonly batchSize?: number;
  /** Largest share of bad lines in a file of at least 100 lines. Default 0.2. */
  readonly maxRejectShare?: number;
  /** Longer lines become rejects. Default 16 MB. */
  readonly maxLineBytes?: number;
  /** Rejects kept in memory; all of them are counted. Default 1000. */
  readonly maxRejectsKept?: number;
  /** Formats to choose from. Default: all of `formats.ts`. */
  readonly formats?: readonly Format[];
  /**
   * Largest temporary copy that is made of a compressed part whose reader needs a whole file. Default 16 GB, under
   * the folder for temporary files of the system.
   */
  readonly maxSpoolBytes?: number;
  /** The kept rejects are written here as JSON lines when reading ends, also when it ends with an error. */
  readonly rejectFile?: string;
  /** Whose wall clock times without a zone are read by, as an IANA name. Default UTC. */
  readonly timeZone?: string;
  /** Host names and addresses learnt so far; give the same book to several readings to share them. */
  readonly hosts?: HostBook;
  /** Called when a file is begun. */
  readonly onFile?: (file: FileStats) => void;
}

/** Batches of canonical events in file order, and counts that grow while the batches are consumed. */
export interface DatasetReading extends AsyncIterable<CanonicalEvent[]> {
  readonly stats: DatasetStats;
  readonly hosts: HostBook;
}

/**
 * Reads a file or a folder, plain, gz, zip or zst, in any format of `formats.ts`; each file's format is recognised by
 * its content. A bad line is counted and kept as a reject and stops nothing until too large a share is bad.
 * Files of a folder that no reader recognises are listed in `stats.skipped`.
 * Hosts get their names by what was learnt up to the event, in the order of reading.
 * @throws CordonError USAGE for an unknown time zone; while iterating DATA_NOT_FOUND, FORMAT_UNKNOWN, FILE_TRUNCATED,
 * TOO_MANY_REJECTS
 */
export function readDataset(path: string, options: ReadOptions = {}): DatasetReading {
  const stats = emptyStats();
  const resolver = new HostResolver(options.hosts);
  const batch: CanonicalEvent[] = [];
  const sink: Sink = {
    event: (event, naming) => void batch.push(naming === undefined ? event : resolver.resolve(event, naming)),
    fact: (fact) => resolver.learn(fact),
  };
  return { stats, hosts: resolver.book, ...iterable(path, options, stats, batch, sink) };
}

/** Batches of what the readers tell, in file order and not yet resolved, and counts that grow. */
export interface ItemReading extends AsyncIterable<StreamItem[]> {
  readonly stats: DatasetStats;
}

/**
 * As `readDataset`, for whoever merges several readings by time before hosts get their names: events as they were read
 * and the facts between them. `HostResolver.take` makes events of the items once they are in their final order.
 */
export function readItems(path: string, options: Omit<ReadOptions, 'hosts'> = {}): ItemReading {
  const stats = emptyStats();
  const batch: StreamItem[] = [];
  const sink: Sink = {
    event: (event, naming) =>
      void batch.push(naming === undefined ? event : { type: 'unresolved', event, naming }),
    fact: (fact) => void batch.push(fact),
  };
  return { stats, ...iterable(path, options, stats, batch, sink) };
}

function iterable<T>(
  path: string,
  options: ReadOptions,
  stats: DatasetStats,
  batch: T[],
  sink: Sink,
): AsyncIterable<T[]> {
  const timeZone = new TimeZone(options.timeZone ?? 'UTC');
  return { [Symbol.asyncIterator]: () => read(path, options, stats, batch, sink, timeZone) };
}

async function* read<T>(
  path: string,
  options: ReadOptions,
  stats: DatasetStats,
  batch: T[],
  sink: Sink,
  timeZone: TimeZone,
): AsyncGenerator<T[]> {
  const batchSize = options.batchSize ?? 4096;
  const limits = {
    timeZone,
    maxLineBytes: options.maxLineBytes ?? 16 * 2 ** 20,
    maxRejectShare: options.maxRejectShare ?? 0.2,
    maxRejectsKept: options.maxRejectsKept ?? 1000,
  };
  const maxSpoolBytes = options.maxSpoolBytes ?? 16 * 2 ** 30;
  try {
    for await (const part of openParts(path)) {
      if (part.unreadable !== null) {
        stats.skipped.push({ file: part.label, reason: part.unreadable });
        continue;
      }
      const { head, chunks } = await peek(part.chunks());
      const format = head.bytes.length === 0 ? null : recogniseFormat(head, options.formats);
      if (format === null && head.bytes.length > 0 && !isWhitespace(head.bytes)) {
        stats.skipped.push({ file: part.label, reason: unreadReason(head) });
        await chunks.return(undefined);
        continue;
      }
      const file: FileStats = {
        file: part.label,
        dataset: part.dataset,
        format: format?.name ?? 'empty',
        lines: 0,
        records: 0,
        events: 0,
        rejects: 0,
      };
      stats.files.push(file);
      options.onFile?.(file);
      if (format === null) {
        await chunks.return(undefined);
        continue;
      }
      const tally = new Tally(stats, file, limits, sink);
      for await (const _ of feed(format, part, chunks, tally, maxSpoolBytes)) {
        tally.checkShare();
        if (batch.length >= batchSize) yield batch.splice(0);
      }
    }
    if (batch.length > 0) yield batch.splice(0);
    if (stats.files.length === 0) throw nothingRecognised(path, stats);
  } finally {
    if (options.rejectFile !== undefined) await writeRejects(options.rejectFile, stats);
  }
}

/** Gives a part's bytes to its reader in steps; events may be handed on after each. */
async function* feed(
  format: Format,
  part: Part,
  chunks: AsyncGenerator<Buffer>,
  context: ReaderContext,
  maxSpoolBytes: number,
): AsyncGenerator<void> {
  if ('openFile' in format) {
    await using file = await wholeFile(part, chunks, maxSpoolBytes);
    yield* format.openFile(file.path, context);
    return;
  }
  const reader = format.open(context);
  for await (const chunk of chunks) {
    reader.write(chunk);
    yield;
  }
  reader.end();
  yield;
}

function isWhitespace(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

function unreadReason(head: Head): string {
  const kind = knownUnread(head);
  return kind === null ? 'no reader recognises it' : `${kind}: not read yet`;
}

function nothingRecognised(path: string, stats: DatasetStats): CordonError {
  const first = stats.skipped[0];
  return new CordonError('FORMAT_UNKNOWN', {
    expected: `one of ${FORMATS.map((format) => format.name).join(', ')} (plain, gz, zip or zst) at ${path}`,
    got: first ? `${stats.skipped.length} file(s), for example ${first.file}: ${first.reason}` : 'no file',
    next: 'check the path; logs in another format must be converted first, for example to cordon-jsonl',
  });
}

async function writeRejects(path: string, stats: DatasetStats): Promise<void> {
  const temporary = `${path}.tmp`;
  await writeFile(temporary, stats.rejectList.map((reject) => `${JSON.stringify(reject)}\n`).join(''));
  await rename(temporary, path);
}
