import { CordonError } from '../protocol/errors.ts';
import type { CanonicalEvent } from '../protocol/events/canonical.ts';
import type { ReaderContext } from './format.ts';
import type { HostBook } from './host-book.ts';
import type { DatasetStats, FileStats } from './stats.ts';

const REJECT_TEXT = 200;
const REJECT_SHARE_FROM_LINES = 100;

/** See `ReadOptions`, which has the same three with their defaults. */
export interface TallyLimits {
  readonly maxLineBytes: number;
  readonly maxRejectShare: number;
  readonly maxRejectsKept: number;
}

/** Counts what one file gives and puts its events into the reading's current batch. */
export class Tally implements ReaderContext {
  readonly dataset: string;
  readonly maxLineBytes: number;
  readonly hosts: HostBook;
  private readonly stats: DatasetStats;
  private readonly file: FileStats;
  private readonly limits: TallyLimits;
  private readonly sink: CanonicalEvent[];

  constructor(
    stats: DatasetStats,
    file: FileStats,
    hosts: HostBook,
    limits: TallyLimits,
    sink: CanonicalEvent[],
  ) {
    this.sink = sink;
    this.dataset = file.dataset;
    this.maxLineBytes = limits.maxLineBytes;
    this.hosts = hosts;
    this.stats = stats;
    this.file = file;
    this.limits = limits;
  }

  line(): void {
    this.file.lines++;
    this.stats.lines++;
  }

  emit(event: CanonicalEvent): void {
    this.file.records++;
    this.file.events++;
    this.stats.records++;
    this.stats.events++;
    this.stats.eventsByType[event.type]++;
    this.sink.push(event);
  }

  ignore(kind: string): void {
    this.file.records++;
    this.stats.records++;
    this.stats.ignored[kind] = (this.stats.ignored[kind] ?? 0) + 1;
  }

  reject(line: number, reason: string, text: string): void {
    this.file.rejects++;
    this.stats.rejects++;
    if (this.stats.rejectList.length < this.limits.maxRejectsKept) {
      this.stats.rejectList.push({ file: this.file.file, line, reason, text: text.slice(0, REJECT_TEXT) });
    }
  }

  /** @throws CordonError TOO_MANY_REJECTS once at least 100 lines of the file are read and too many of them are bad. */
  checkShare(): void {
    const { lines, rejects, file } = this.file;
    if (lines < REJECT_SHARE_FROM_LINES || rejects <= lines * this.limits.maxRejectShare) return;
    const first = this.stats.rejectList.find((reject) => reject.file === file);
    throw new CordonError('TOO_MANY_REJECTS', {
      expected: `at most ${Math.round(this.limits.maxRejectShare * 100)} % bad lines in ${file} (${this.file.format})`,
      got:
        `${rejects} of the first ${lines} lines` +
        (first ? `, the first at line ${first.line}: ${first.reason}` : ''),
      next: 'look at the reject list; if the file is meant to be like this, allow a larger share (maxRejectShare)',
    });
  }
}
