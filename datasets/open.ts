import { CordonError } from '../protocol/errors.ts';
import type { CanonicalEvent } from '../protocol/events/canonical.ts';
import type { Format } from './format.ts';
import { FORMATS } from './formats.ts';
import type { HostBook } from './host-book.ts';
import { HostResolver } from './host-resolver.ts';
import { openParts } from './input/parts.ts';
import type { OnProblem } from './input/walk.ts';
import type { DuckDbLimits } from './parquet/duckdb.ts';
import { type PartSettings, partSettings, readPart } from './read-part.ts';
import { emptyStats, type DatasetStats, type FileStats } from './stats.ts';
import type { Sink } from './tally.ts';

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
   * Largest temporary copy that is made of a Parquet file that is compressed or in an archive. Default 16 GB, under the
   * folder for temporary files of the system.
   */
  readonly maxSpoolBytes?: number;
  /** What DuckDB may take while it reads a Parquet file. Default 1024 MB and one thread. */
  readonly duckdb?: Partial<DuckDbLimits>;
  /** Every reject is written here as a JSON line; the file appears when reading ends, also when it ends with an error. */
  readonly rejectFile?: string;
  /** Largest reject file; its last line says how many rejects it leaves out (`{"more":12}`). Default 64 MB. */
  readonly maxRejectFileBytes?: number;
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
 * Reads a file or a folder, plain, gz, zip, zst or Parquet, in any format of `formats.ts`; each file's format is recognised by
 * its content. A bad line is counted and kept as a reject and stops nothing until too large a share is bad.
 * Files of a folder that no reader recognises are listed in `stats.skipped`.
 * Hosts get their names by what was learnt up to the event, in the order of reading.
 * @throws CordonError USAGE for an unknown time zone; while iterating DATA_NOT_FOUND, FORMAT_UNKNOWN, FILE_TRUNCATED,
 * TOO_MANY_REJECTS, DISK_FULL (of the reject file or of a temporary copy)
 */
export function readDataset(path: string, options: ReadOptions = {}): DatasetReading {
  const stats = emptyStats();
  const resolver = new HostResolver(options.hosts);
  const batch: CanonicalEvent[] = [];
  const sink: Sink = {
    event: (event, naming) => void batch.push(naming === undefined ? event : resolver.resolve(event, naming)),
    fact: (fact) => resolver.learn(fact),
  };
  const settings = partSettings(options);
  return {
    stats,
    hosts: resolver.book,
    [Symbol.asyncIterator]: () => read(path, options, settings, stats, batch, sink),
  };
}

async function* read(
  path: string,
  { batchSize = 4096 }: ReadOptions,
  settings: PartSettings,
  stats: DatasetStats,
  batch: CanonicalEvent[],
  sink: Sink,
): AsyncGenerator<CanonicalEvent[]> {
  for await (const _ of readInto(path, settings, stats, sink)) {
    if (batch.length >= batchSize) yield batch.splice(0);
  }
  if (batch.length > 0) yield batch.splice(0);
}

/**
 * Reads a file or folder in steps; what each part tells goes to `sink` as it is read.
 * @param onProblem takes what ends the reading of one file, and may throw; where left out, it ends all
 * @throws CordonError as `readDataset`
 */
export async function* readInto(
  path: string,
  settings: PartSettings,
  stats: DatasetStats,
  sink: Sink,
  onProblem?: OnProblem,
): AsyncGenerator<void> {
  let failed = true;
  try {
    settings.rejectFile?.open();
    for await (const part of openParts(path, onProblem)) {
      try {
        yield* readPart(part, stats, settings, sink);
      } catch (error) {
        if (onProblem === undefined || !(error instanceof Error)) throw error;
        onProblem(part.label, error);
      }
    }
    if (stats.files.length === 0) throw nothingRecognised(path, stats);
    failed = false;
  } finally {
    settings.rejectFile?.finish(failed);
  }
}

/** What there is to say of a data set of which no file was recognised. */
export function nothingRecognised(path: string, stats: DatasetStats): CordonError {
  const first = stats.skipped[0];
  return new CordonError('FORMAT_UNKNOWN', {
    expected: `one of ${FORMATS.map((format) => format.name).join(', ')} (plain, gz, zip, zst or Parquet) at ${path}`,
    got: first ? `${stats.skipped.length} file(s), for example ${first.file}: ${first.reason}` : 'no file',
    next:
      first?.next ??
      'check the path; logs in another format must be converted first, for example to cordon-jsonl',
  });
}
