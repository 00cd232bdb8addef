import { CordonError } from '../protocol/errors.ts';
import type { CanonicalEvent } from '../protocol/events/canonical.ts';
import type { ReaderContext } from './format.ts';
import type { HostFact, Naming } from './host-facts.ts';
import type { RejectFile } from './reject-file.ts';
import type { DatasetStats, FileStats, Reject } from './stats.ts';
import { hasLongName, isOfLongName, LONGEST_NAME } from './name-lengths.ts';
import { minutesBehind } from './time-quality.ts';
import type { TimeZone } from './time-zone.ts';

const REJECT_TEXT = 200;
const REJECT_SHARE_FROM_LINES = 100;
/** Kinds of a file that are counted apart: a log may be made to have any number. */
const MAX_KINDS = 10_000;
const LONGEST_KIND = 200;
const OTHER_KINDS = 'other kinds';

/** Where events and facts go, in order. */
export interface Sink {
  event(event: CanonicalEvent, naming: Naming | undefined): void;
  fact(fact: HostFact): void;
}

/** See `ReadOptions`, which has the same with their defaults. */
export interface TallyOptions {
  readonly timeZone: TimeZone;
  readonly maxLineBytes: number;
  readonly maxRejectShare: number;
  readonly maxRejectsKept: number;
  /** Open while reading goes on. */
  readonly rejectFile: RejectFile | null;
}

/** Counts a reject, keeps it in memory while there is room, and writes it down. */
export function countReject(
  stats: DatasetStats,
  { maxRejectsKept, rejectFile }: Pick<TallyOptions, 'maxRejectsKept' | 'rejectFile'>,
  reject: Reject,
): void {
  stats.rejects++;
  if (stats.rejectList.length < maxRejectsKept) stats.rejectList.push(reject);
  rejectFile?.add(reject);
}

/** Counts what one file gives and passes its events and facts on. */
export class Tally implements ReaderContext {
  readonly dataset: string;
  readonly maxLineBytes: number;
  readonly timeZone: TimeZone;
  private readonly stats: DatasetStats;
  private readonly file: FileStats;
  private readonly limits: TallyOptions;
  /** No event has come since the last line began. */
  private fresh = true;
  /** The record of the last event. */
  private record = NaN;
  private kinds = 0;
  private readonly sink: Sink;

  constructor(stats: DatasetStats, file: FileStats, limits: TallyOptions, sink: Sink) {
    this.sink = sink;
    this.dataset = file.dataset;
    this.maxLineBytes = limits.maxLineBytes;
    this.timeZone = limits.timeZone;
    this.stats = stats;
    this.file = file;
    this.limits = limits;
  }

  line(): void {
    this.file.lines++;
    this.stats.lines++;
    this.fresh = true;
  }

  learn(fact: HostFact): void {
    if (!isOfLongName(fact)) this.sink.fact(fact);
  }

  emit(event: CanonicalEvent, naming?: Naming): void {
    if (hasLongName(event, naming)) {
      // A record that gives several events is one reject, as its first event is none.
      if (this.fresh || event.source.record !== this.record) {
        this.fresh = false;
        this.record = event.source.record;
        this.reject(event.source.record, `a name longer than ${LONGEST_NAME} characters`, '');
      }
      return;
    }
    // A record may give several events: a labelled flow gives a detection too.
    if (this.fresh || event.source.record !== this.record) {
      this.file.records++;
      this.stats.records++;
      this.fresh = false;
      this.record = event.source.record;
    }
    this.file.events++;
    this.stats.events++;
    this.stats.eventsByType[event.type]++;
    this.sink.event(event, naming);
  }

  ignore(named: string): void {
    // A copy, because a piece of a long line holds all of it.
    const kind = named.length > LONGEST_KIND ? Buffer.from(named.slice(0, LONGEST_KIND)).toString() : named;
    this.file.records++;
    this.stats.records++;
    const { ignored } = this.stats;
    const known = ignored[kind];
    if (known !== undefined) ignored[kind] = known + 1;
    else if (this.kinds++ < MAX_KINDS) ignored[kind] = 1;
    else ignored[OTHER_KINDS] = (ignored[OTHER_KINDS] ?? 0) + 1;
  }

  clock(wall: number, received: number): void {
    const minutes = minutesBehind(wall, received);
    if (minutes === null) return;
    const { clockMinutes } = this.stats;
    clockMinutes[minutes] = (clockMinutes[minutes] ?? 0) + 1;
  }

  note(text: string): void {
    if (!this.file.notes.includes(text)) this.file.notes.push(text);
  }

  reject(line: number, reason: string, text: string): void {
    this.file.rejects++;
    countReject(this.stats, this.limits, {
      file: this.file.file,
      line,
      reason,
      text: text.slice(0, REJECT_TEXT),
    });
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
