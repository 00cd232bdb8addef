import type { ErrorCode } from '../protocol/errors.ts';
import type { CanonicalEvent } from '../protocol/events/canonical.ts';

/** A line that could not be read. */
export interface Reject {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  /** The first 200 characters. */
  readonly text: string;
}

/** Counts of one file; they grow while it is read. */
export interface FileStats {
  readonly file: string;
  readonly dataset: string;
  /** Format name, or 'empty'. */
  readonly format: string;
  lines: number;
  records: number;
  events: number;
  rejects: number;
  /** What the format of this file lacks and an event must have: "no times: all rows stand at 0". */
  readonly notes: string[];
}

/** A file that no reader recognises, or that cannot be read, or not to its end. */
export interface SkippedFile {
  readonly file: string;
  readonly reason: string;
  /** What to do with it, where that is known. */
  readonly next?: string;
  /** Of the error that reading it ended with; what it gave until then is counted. None where it was not begun. */
  readonly code?: ErrorCode;
}

/** What reading a data set has found so far; it grows while the batches are consumed. */
export interface DatasetStats {
  readonly files: FileStats[];
  readonly skipped: SkippedFile[];
  lines: number;
  /** Well-formed records: those that gave an event and those that were ignored. */
  records: number;
  events: number;
  readonly eventsByType: Record<CanonicalEvent['type'], number>;
  /** Well-formed records of kinds that are not used, by event id or kind. */
  readonly ignored: Record<string, number>;
  /**
   * Records with a wall-clock time without a zone beside the time at which they were received, by the minutes that the
   * wall clock is behind UTC.
   */
  readonly clockMinutes: Record<string, number>;
  rejects: number;
  /** The first rejects, up to `maxRejectsKept`. */
  readonly rejectList: Reject[];
}

/** Counts of a file before anything of it is read. @param format its name, or 'empty' */
export function newFileStats(file: string, dataset: string, format: string): FileStats {
  return { file, dataset, format, lines: 0, records: 0, events: 0, rejects: 0, notes: [] };
}

/** Counts before anything is read. */
export function emptyStats(): DatasetStats {
  return {
    files: [],
    skipped: [],
    lines: 0,
    records: 0,
    events: 0,
    eventsByType: { auth: 0, process: 0, flow: 0, dns: 0, detection: 0 },
    // Kinds are words of the log: no prototype whose names they could be.
    ignored: Object.create(null) as Record<string, number>,
    clockMinutes: {},
    rejects: 0,
    rejectList: [],
  };
}
