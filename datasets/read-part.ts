import { recogniseFormat } from './formats.ts';
import type { Format, Head, ReaderContext } from './format.ts';
import { peek } from './input/head.ts';
import type { Part } from './input/parts.ts';
import { unpacked } from './input/unpack.ts';
import type { ReadOptions } from './open.ts';
import type { DuckDbLimits } from './parquet/duckdb.ts';
import { type DatasetStats, type FileStats, newFileStats, type SkippedFile } from './stats.ts';
import { RejectFile } from './reject-file.ts';
import { Tally, type Sink, type TallyOptions } from './tally.ts';
import { TimeZone } from './time-zone.ts';
import { knownUnread } from './unread.ts';

/** What reading one part takes, with the defaults of `ReadOptions` filled in. */
export interface PartSettings extends TallyOptions {
  readonly formats: readonly Format[] | undefined;
  readonly maxSpoolBytes: number;
  /** Bytes that are read at once, where memory is shared by many files. */
  readonly chunkBytes?: number;
  readonly duckdb: DuckDbLimits;
  readonly onFile: ((file: FileStats) => void) | undefined;
}

/** @throws CordonError USAGE for an unknown time zone */
export function partSettings(options: ReadOptions): PartSettings {
  return {
    timeZone: new TimeZone(options.timeZone ?? 'UTC'),
    maxLineBytes: options.maxLineBytes ?? 16 * 2 ** 20,
    maxRejectShare: options.maxRejectShare ?? 0.2,
    maxRejectsKept: options.maxRejectsKept ?? 1000,
    rejectFile:
      options.rejectFile === undefined
        ? null
        : new RejectFile(options.rejectFile, options.maxRejectFileBytes ?? 64 * 2 ** 20),
    formats: options.formats,
    maxSpoolBytes: options.maxSpoolBytes ?? 16 * 2 ** 30,
    duckdb: { memoryMb: options.duckdb?.memoryMb ?? 1024, threads: options.duckdb?.threads ?? 1 },
    onFile: options.onFile,
  };
}

/**
 * Reads one part, recognised by its content, and counts it in `stats`. What it tells goes to `sink` between two steps;
 * a part that cannot be read is listed in `stats.skipped` and tells nothing.
 * @throws CordonError DATA_NOT_FOUND, FILE_TRUNCATED, TOO_MANY_REJECTS
 */
export async function* readPart(
  part: Part,
  stats: DatasetStats,
  settings: PartSettings,
  sink: Sink,
): AsyncGenerator<void> {
  if (part.unreadable !== null) {
    stats.skipped.push({ file: part.label, reason: part.unreadable });
    return;
  }
  const sized = { ...part, chunks: () => part.chunks(settings.chunkBytes) };
  const { head, chunks } = await peek(unpacked(sized, settings.maxSpoolBytes, settings.duckdb));
  const format = head.bytes.length === 0 ? null : recogniseFormat(head, settings.formats);
  if (format === null && head.bytes.length > 0 && !isWhitespace(head.bytes)) {
    stats.skipped.push(unread(part.label, head));
    await chunks.return(undefined);
    return;
  }
  const file = beginFile(part, format, stats);
  settings.onFile?.(file);
  if (format === null) {
    await chunks.return(undefined);
    return;
  }
  const tally = new Tally(stats, file, settings, sink);
  for await (const _ of feedPart(format, chunks, tally)) {
    tally.checkShare();
    yield;
  }
}

/** Enters a file that is begun into the counts; `format` null for one that is empty. */
function beginFile(
  { label, dataset }: Pick<Part, 'label' | 'dataset'>,
  format: Format | null,
  stats: DatasetStats,
): FileStats {
  const file = newFileStats(label, dataset, format?.name ?? 'empty');
  stats.files.push(file);
  return file;
}

/** Gives a part's bytes to its reader in steps; events may be handed on after each. */
export async function* feedPart(
  format: Format,
  chunks: AsyncGenerator<Buffer>,
  context: ReaderContext,
): AsyncGenerator<void> {
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

/** What there is to say of a file that begins like this and that nothing reads. */
export function unread(file: string, head: Head): SkippedFile {
  const kind = knownUnread(head);
  if (kind !== null) return { file, reason: `${kind.title}: not read`, next: kind.next };
  const reason =
    head.lines.length === 0 ? 'a binary file that no reader recognises' : 'no reader recognises it';
  return { file, reason };
}
