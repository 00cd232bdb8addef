/**
 * Which files are pieces of one log: a lane is such a series, its oldest piece first. One rule for files that lie there
 * and for files that grow. What is not known as rotation stays a lane of its own, which costs nothing but a place in
 * the merge; two logs taken for one would be read one after the other.
 */

/** A file's place among the pieces of its log. */
export interface SeriesPlace {
  /** Name of the log: the file's path without what rotation put into the name. */
  readonly series: string;
  /** Digits of the date or the Unix time in the name; '' where it has none: such a piece is newer than dated ones. */
  readonly date: string;
  /** Number of the rotation, greater is older; -1 where the name has none, which is newest. */
  readonly number: number;
}

const COMPRESSED = /(\.(?:gz|zst|zip|bz2|xz)){1,9}$/i;
/** `Archive-Security-2026-01-31-23-59-59-999.evtx`: what Windows names a full log. */
const WINDOWS = /^Archive-(.+)-(\d{4}(?:-\d\d){5}-\d{3})(\.evtx)$/i;
/** `auth.log.3`. */
const NUMBERED = /^(.+)\.(\d{1,4})$/;
/** `audit.log.1767225600`, in seconds or milliseconds. */
const EPOCH = /^(.+)\.(\d{10}|\d{13})$/;
/** A day, and a time of day after it, in the spellings of logrotate's `dateext` and its relatives. */
const DATED =
  /^(.*?)[-_.]?((?:19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\3(?:0[1-9]|[12]\d|3[01])(?:[-_.T]?(?:[01]\d|2[0-3])(?:[-_.]?[0-5]\d){0,2}(?:\.\d{3})?Z?)?)(\..*)?$/;

/** @param label path with forward slashes, relative to the folder that is read */
export function seriesOf(label: string): SeriesPlace {
  const slash = label.lastIndexOf('/') + 1;
  const folder = label.slice(0, slash);
  const name = label.slice(slash).replace(COMPRESSED, '');
  const windows = WINDOWS.exec(name);
  if (windows) return place(folder, `${windows[1]}${windows[3]}`, windows[2], -1);
  const epoch = EPOCH.exec(name);
  if (epoch) return place(folder, epoch[1], epoch[2], -1);
  const numbered = NUMBERED.exec(name);
  const number = numbered ? Number(numbered[2]) : -1;
  const rest = numbered?.[1] ?? name;
  const dated = DATED.exec(rest);
  if (dated) return place(folder, `${dated[1]}${dated[4] ?? ''}`, dated[2], number);
  return place(folder, rest, '', number);
}

function place(folder: string, name = '', date = '', number: number): SeriesPlace {
  return { series: folder + name, date: date.replace(/\D/g, ''), number };
}

/** Oldest first: by date, then by number, then by name; negative where `a` is older. */
export function byAge(a: string, b: string): number {
  const [x, y] = [seriesOf(a), seriesOf(b)];
  if (x.date !== y.date) {
    if (x.date === '' || y.date === '') return x.date === '' ? 1 : -1;
    return x.date < y.date ? -1 : 1;
  }
  if (x.number !== y.number) return y.number - x.number;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Everything by its log, the pieces of each oldest first; the logs in the order of their names. */
export function bySeries<T>(all: Iterable<T>, labelOf: (one: T) => string): Map<string, T[]> {
  const series = new Map<string, T[]>();
  for (const one of all) {
    const name = seriesOf(labelOf(one)).series;
    const known = series.get(name);
    if (known === undefined) series.set(name, [one]);
    else known.push(one);
  }
  for (const pieces of series.values()) pieces.sort((a, b) => byAge(labelOf(a), labelOf(b)));
  return new Map([...series].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
