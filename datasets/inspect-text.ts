import { plainText } from '../protocol/messages/text.ts';
import { DAY_MS, YEAR_2000 } from './day.ts';
import type { DatasetInspection, TimeSpan } from './inspect.ts';
import type { Counted } from './top-counter.ts';

/** An inspection as plain text for people, at most `rejects` of the rejects in full. */
export function renderInspection(found: DatasetInspection, rejects = 5): string {
  const lines = [
    found.path,
    row(
      'Formats',
      Object.entries(found.formats)
        .map(([name, n]) => `${name} (${plural(n, 'file')})`)
        .join(', '),
    ),
    row('Records', `${number(found.records)} in ${number(found.lines)} lines`),
    row('Events', [number(found.events), typesOf(found)].filter(Boolean).join(': ')),
    ...timeSpans(found).map((span, i) => row(i === 0 ? 'Time' : 'and', span)),
  ];
  if (found.outOfOrder > 0) {
    const share = ((100 * found.outOfOrder) / found.events).toFixed(2);
    lines.push(row('Order', `${number(found.outOfOrder)} (${share} %) older than an event before them`));
  }
  const longest = found.gaps[0];
  if (longest !== undefined) {
    const most = `the longest of ${length({ first: longest.from, last: longest.to })} from ${when(longest.from)}`;
    lines.push(row('Gaps', `${number(found.gapCount)} of a day or more without events, ${most}`));
  }
  if (found.eventsByType.auth > 0) {
    const share = ((100 * found.failures) / found.eventsByType.auth).toFixed(2);
    lines.push(row('Failures', `${number(found.failures)} (${share} % of authentications)`));
  }
  lines.push(...table('Kinds', found.authKinds), ...table('Hosts', found.topHosts));
  lines.push(...table('Accounts', found.topAccounts));
  const ignored = Object.entries(found.ignored).map(([kind, count]) => ({
    name: /^\d+$/.test(kind) ? `event id ${kind}` : kind,
    count,
  }));
  const top = ignored.toSorted((a, b) => b.count - a.count).slice(0, 10);
  lines.push(...table(`Not used (${plural(ignored.length, 'kind')})`, top));
  if (found.skipped.length > 0) {
    const broken = found.skipped.filter(({ code }) => code !== undefined);
    const whole = broken.length > 0 ? ', or not to the end' : '';
    lines.push(row('Skipped', `${plural(found.skipped.length, 'file')} not read${whole}`));
    const first = [...broken, ...found.skipped.filter(({ code }) => code === undefined)].slice(0, rejects);
    for (const { file, reason, code } of first)
      lines.push(`  ${file}: ${code === undefined ? '' : `${code}: `}${reason}`);
    if (found.skipped.length > rejects) lines.push(`  and ${number(found.skipped.length - rejects)} more`);
  }
  lines.push(...notes(found), ...found.warnings.map((warning) => row('Warning', warning)));
  lines.push(row('Rejects', number(found.rejects)));
  for (const reject of found.rejectList.slice(0, rejects)) {
    lines.push(`  ${reject.file}:${reject.line}: ${reject.reason}: ${reject.text.slice(0, 60)}`);
  }
  // Names, paths inside archives and the words of a parser come from untrusted logs.
  return `${lines.map((line) => plainText(line)).join('\n')}\n`;
}

/** Only the types that there are. */
function typesOf({ eventsByType }: DatasetInspection): string {
  return Object.entries(eventsByType)
    .filter(([, n]) => n > 0)
    .map(([type, n]) => `${number(n)} ${type}`)
    .join(', ');
}

/** What readers say of files, with the number of files each note is about. */
function notes(found: DatasetInspection): string[] {
  const files = new Map<string, number>();
  for (const { notes } of found.files) for (const note of notes) files.set(note, (files.get(note) ?? 0) + 1);
  return [...files].map(([note, n]) => row('Note', `${plural(n, 'file')}: ${note}`));
}

function row(name: string, value: string): string {
  return `${name.padEnd(10)} ${value}`;
}

function table(title: string, rows: readonly Counted[]): string[] {
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map((entry) => number(entry.count).length));
  return [title, ...rows.map((entry) => `  ${number(entry.count).padStart(width)}  ${entry.name}`)];
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function plural(n: number, noun: string): string {
  return `${number(n)} ${noun}${n === 1 ? '' : 's'}`;
}

/** A line for each way of counting time: the two have no common origin, so no span covers both. */
function timeSpans({ calendarSpan: calendar, recordingSpan: recording }: DatasetInspection): string[] {
  const spans: string[] = [];
  if (calendar !== null) {
    const [first, last] = [calendar.first, calendar.last].map((time) => new Date(time).toISOString());
    spans.push(`${first} to ${last} (${length(calendar)})`);
  }
  if (recording !== null) {
    const [first, last] = [recording.first / 1000, recording.last / 1000];
    spans.push(`${first} s to ${last} s since the start of the recording (${length(recording)})`);
  }
  return spans.length === 0 ? ['no events'] : spans;
}

/** As the two kinds of spans are written. */
function when(time: number): string {
  return time >= YEAR_2000 ? new Date(time).toISOString() : `${time / 1000} s`;
}

const LENGTHS = [
  ['days', DAY_MS],
  ['hours', 3_600_000],
  ['minutes', 60_000],
] as const;

/** In the largest unit of which it has at least one. */
function length({ first, last }: TimeSpan): string {
  const ms = last - first;
  const [unit, one] = LENGTHS.find(([, size]) => ms >= size) ?? ['seconds', 1000];
  return `${(ms / one).toFixed(1)} ${unit}`;
}
