import { stat } from 'node:fs/promises';
import { CordonError } from '../protocol/errors.ts';
import type { CanonicalEvent } from '../protocol/events/canonical.ts';
import { YEAR_2000 } from './day.ts';
import { HostResolver } from './host-resolver.ts';
import { warningsOf } from './inspect-warnings.ts';
import { readInto, type ReadOptions } from './open.ts';
import { partSettings } from './read-part.ts';
import { emptyStats, type DatasetStats, type FileStats } from './stats.ts';
import type { Sink } from './tally.ts';
import { TimeWatch, type Gap } from './time-quality.ts';
import { TopCounter, type Counted } from './top-counter.ts';

/** Milliseconds of a first and a last event. */
export interface TimeSpan {
  readonly first: number;
  readonly last: number;
}

/** What is in a data set: counts over all its files, and the most frequent names. */
export interface DatasetInspection {
  readonly path: string;
  /** Format names with the number of files of each. */
  readonly formats: Record<string, number>;
  readonly files: readonly FileStats[];
  readonly skipped: DatasetStats['skipped'];
  readonly lines: number;
  readonly records: number;
  readonly events: number;
  readonly eventsByType: Record<CanonicalEvent['type'], number>;
  /** Counts of auth events by `action logonType protocol`, most frequent first. */
  readonly authKinds: readonly Counted[];
  readonly failures: number;
  /** First and last event among those with a calendar, or null without such events. */
  readonly calendarSpan: TimeSpan | null;
  /** The same among those whose time counts from the start of their recording. */
  readonly recordingSpan: TimeSpan | null;
  /** Events that are older than one before them in the same file, and those that are more than five minutes older. */
  readonly outOfOrder: number;
  readonly late: number;
  /** Stretches of at least a day without an event, the longest first, and how many there are in all. */
  readonly gaps: readonly Gap[];
  readonly gapCount: number;
  /** Records with a wall-clock time beside one with a zone, by the minutes that the wall clock is behind UTC. */
  readonly clockMinutes: Record<string, number>;
  /** What should be known before the data is used. */
  readonly warnings: readonly string[];
  readonly topHosts: readonly Counted[];
  readonly topAccounts: readonly Counted[];
  readonly ignored: Record<string, number>;
  readonly rejects: number;
  readonly rejectList: DatasetStats['rejectList'];
}

/** How to read, and how long the lists may be. */
export interface InspectOptions extends ReadOptions {
  /** Length of the lists of hosts, accounts and kinds. Default 10. */
  readonly top?: number;
}

/** Errors of one file, which say nothing of the others. */
const OF_A_FILE = new Set(['DATA_NOT_FOUND', 'FORMAT_UNKNOWN', 'FILE_TRUNCATED', 'TOO_MANY_REJECTS']);

/**
 * Reads a whole data set and says what is in it. A file of a folder that cannot be read, or not to its end, is listed in
 * `skipped` with the code of its error, and the others are read.
 * @throws CordonError as `readDataset`; of a file only where it was named itself, or where nothing else was begun
 */
export async function inspectDataset(path: string, options: InspectOptions = {}): Promise<DatasetInspection> {
  const top = options.top ?? 10;
  const names = new NameCounts();
  const watch = new TimeWatch();
  const spans: { calendar: TimeSpan | null; recording: TimeSpan | null } = {
    calendar: null,
    recording: null,
  };
  const see = (event: CanonicalEvent): void => {
    watch.see(event.time);
    if (event.time >= YEAR_2000) spans.calendar = widened(spans.calendar, event.time);
    else spans.recording = widened(spans.recording, event.time);
    names.count(event);
  };
  const resolver = new HostResolver(options.hosts);
  const stats = emptyStats();
  const onFile = (file: FileStats): void => {
    watch.beginFile();
    options.onFile?.(file);
  };
  const sink: Sink = {
    event: (event, naming) => see(naming === undefined ? event : resolver.resolve(event, naming)),
    fact: (fact) => resolver.learn(fact),
  };
  const isFolder = (await stat(path).catch(() => null))?.isDirectory() ?? false;
  const problems: CordonError[] = [];
  const onProblem = (file: string, error: Error): void => {
    if (!(error instanceof CordonError) || !OF_A_FILE.has(error.code)) throw error;
    problems.push(error);
    stats.skipped.push({ file, reason: error.got, next: error.next, code: error.code });
  };
  const settings = partSettings({ ...options, onFile });
  try {
    for await (const _ of readInto(path, settings, stats, sink, isFolder ? onProblem : undefined));
  } catch (error) {
    if (stats.files.length === 0 && problems[0] !== undefined) throw problems[0];
    throw error;
  }
  const time = watch.result();
  const formats: Record<string, number> = {};
  for (const file of stats.files) formats[file.format] = (formats[file.format] ?? 0) + 1;
  return {
    path,
    formats,
    files: stats.files,
    skipped: stats.skipped,
    lines: stats.lines,
    records: stats.records,
    events: stats.events,
    eventsByType: stats.eventsByType,
    authKinds: names.kinds.top(top),
    failures: names.failures,
    calendarSpan: spans.calendar,
    recordingSpan: spans.recording,
    ...time,
    gaps: time.gaps.slice(0, top),
    gapCount: time.gaps.length,
    clockMinutes: stats.clockMinutes,
    warnings: warningsOf(stats, time),
    topHosts: names.hosts.top(top),
    topAccounts: names.accounts.top(top),
    ignored: stats.ignored,
    rejects: stats.rejects,
    rejectList: stats.rejectList,
  };
}

/** The most frequent hosts, accounts and kinds of authentication. */
class NameCounts {
  readonly hosts = new TopCounter();
  readonly accounts = new TopCounter();
  readonly kinds = new TopCounter();
  failures = 0;

  count(event: CanonicalEvent): void {
    if (event.type === 'process' || event.type === 'dns') this.hosts.add(event.host);
    else {
      this.hosts.add(event.dstHost);
      if (event.srcHost !== event.dstHost) this.hosts.add(event.srcHost);
    }
    if (event.type === 'auth') {
      this.accounts.add(event.dstAccount);
      this.kinds.add(`${event.action} ${event.logonType} ${event.protocol}`);
      if (!event.success) this.failures++;
    } else if (event.type === 'process' || event.type === 'detection') this.accounts.add(event.account);
  }
}

function widened(span: TimeSpan | null, time: number): TimeSpan {
  if (span === null) return { first: time, last: time };
  if (time >= span.first && time <= span.last) return span;
  return { first: Math.min(span.first, time), last: Math.max(span.last, time) };
}
