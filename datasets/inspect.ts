import type { CanonicalEvent } from '../protocol/events/canonical.ts';
import { readDataset, type ReadOptions } from './open.ts';
import type { DatasetStats, FileStats } from './stats.ts';
import { TopCounter, type Counted } from './top-counter.ts';

/** Milliseconds of a first and a last event. */
export interface TimeSpan {
  readonly first: number;
  readonly last: number;
}

/** Times before it count from the start of a recording: no recording lasts thirty years. */
const YEAR_2000 = Date.UTC(2000, 0);

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

/**
 * Reads a whole data set and says what is in it.
 * @throws CordonError as `readDataset`
 */
export async function inspectDataset(path: string, options: InspectOptions = {}): Promise<DatasetInspection> {
  const top = options.top ?? 10;
  const hosts = new TopCounter();
  const accounts = new TopCounter();
  const kinds = new TopCounter();
  let failures = 0;
  let calendarSpan: TimeSpan | null = null;
  let recordingSpan: TimeSpan | null = null;
  const reading = readDataset(path, options);
  for await (const batch of reading) {
    for (const event of batch) {
      if (event.time >= YEAR_2000) calendarSpan = widened(calendarSpan, event.time);
      else recordingSpan = widened(recordingSpan, event.time);
      if (event.type === 'process') {
        hosts.add(event.host);
        accounts.add(event.account);
        continue;
      }
      if (event.type === 'dns') {
        hosts.add(event.host);
        continue;
      }
      hosts.add(event.dstHost);
      if (event.srcHost !== event.dstHost) hosts.add(event.srcHost);
      if (event.type === 'auth') {
        accounts.add(event.dstAccount);
        kinds.add(`${event.action} ${event.logonType} ${event.protocol}`);
        if (!event.success) failures++;
      } else if (event.type === 'detection') accounts.add(event.account);
    }
  }
  const { stats } = reading;
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
    authKinds: kinds.top(top),
    failures,
    calendarSpan,
    recordingSpan,
    topHosts: hosts.top(top),
    topAccounts: accounts.top(top),
    ignored: stats.ignored,
    rejects: stats.rejects,
    rejectList: stats.rejectList,
  };
}

function widened(span: TimeSpan | null, time: number): TimeSpan {
  if (span === null) return { first: time, last: time };
  if (time >= span.first && time <= span.last) return span;
  return { first: Math.min(span.first, time), last: Math.max(span.last, time) };
}
