import { shareOf, type Head } from './format.ts';

/** A kind of file that people have and that no reader takes. */
export interface UnreadKind {
  readonly title: string;
  /** What to do with it. */
  readonly next: string;
}

interface Signature extends UnreadKind {
  /** Hexadecimal first bytes, any of them. */
  readonly magic?: readonly string[];
  /** What the first non-blank line looks like. */
  readonly line?: RegExp;
  /** What most lines look like. */
  readonly most?: RegExp;
}

const CAPTURE = 'let Zeek read it (zeek -r FILE) and name the folder of its logs';
const CONVERT = 'convert what is needed of it to OCSF or cordon-jsonl (docs/events.md), which are read';
const UNIX = `syslog is not read: ${CONVERT}`;
const DOCUMENT = 'it is no log: name the files or the folder of the logs';
const DESCRIPTION = 'it describes data and has none: name the logs themselves';

/** By a cheap signature; the first that fits. */
const UNREAD: readonly Signature[] = [
  {
    title: 'a packet capture (pcap)',
    next: CAPTURE,
    magic: ['a1b2c3d4', 'd4c3b2a1', 'a1b23c4d', '4d3cb2a1'],
  },
  { title: 'a packet capture (pcapng)', next: CAPTURE, magic: ['0a0d0d0a'] },
  { title: 'a PDF document', next: DOCUMENT, magic: ['255044462d'] },
  { title: 'a picture', next: DOCUMENT, magic: ['89504e47', 'ffd8ff', '47494638'] },
  { title: 'an SQLite database', next: CONVERT, magic: ['53514c69746520'] },
  { title: 'a program', next: DOCUMENT, magic: ['4d5a', '7f454c46'] },
  {
    title: 'a compressed file (bz2, xz or 7z)',
    next: 'unpack it and name the folder; gz, zip and zst are read as they are',
    magic: ['425a68', 'fd377a585a00', '377abcaf271c'],
  },
  { title: 'flows of CTU-13 (CSV)', next: CONVERT, line: /^StartTime,Dur,Proto,SrcAddr,/i },
  {
    title: 'edges of a graph (VAST 2013, CSV)',
    next: 'it has no times: nothing can be read from it',
    line: /^top,bottom,type,count$/,
  },
  {
    title: 'authentications of recordings as one table (CSV)',
    next: 'name the recordings themselves',
    line: /^dataset,ts,event_id,host,/,
  },
  {
    title: 'a Windows servicing log (CBS)',
    next: 'it has no logons: name Security or Sysmon event logs (EVTX, JSON)',
    most: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d, \w+ +(?:CBS|CSI) /,
  },
  {
    title: 'syslog of an SSH server',
    next: UNIX,
    most: /^[A-Z][a-z]{2} [ \d]\d [\d:]{8} \S+ sshd(?:\[\d+\])?:/,
  },
  {
    title: 'syslog',
    next: UNIX,
    most: /^(?:<\d+>)?(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8} \S+ |\d{4}-\d\d-\d\dT\S+ \S+ [\w./-]+(?:\[\d+\])?: )/,
  },
  { title: 'an HTML or XML document', next: DOCUMENT, line: /^<(?:\?xml|!doctype|html)/i },
  { title: 'a text in Markdown', next: DOCUMENT, line: /^#{1,6} \S/ },
  {
    title: 'a YAML file',
    next: DESCRIPTION,
    line: /^(?:---$|%YAML|title: )/,
    most: /^(?:---|%YAML|\s*(?:- )?[\w-]+:(?: |$)|\s*- |\s*\|)/,
  },
  { title: 'a licence', next: DOCUMENT, line: /licen[cs]e|copyright/i },
  { title: 'a JSON document of another kind', next: CONVERT, line: /^\s*[[{]/ },
  { title: 'a table (CSV) of another kind', next: CONVERT, most: /^(?:[^,]*,){2,}[^,]*$/ },
];

const MOST = 0.6;

/** What a file that no reader recognises probably is, or null. */
export function knownUnread({ bytes, lines }: Head): UnreadKind | null {
  const start = bytes.subarray(0, 8).toString('hex');
  const first = lines[0] ?? '';
  const kind = UNREAD.find(
    ({ magic, line, most }) =>
      magic?.some((each) => start.startsWith(each)) === true ||
      line?.test(first) === true ||
      (most !== undefined && shareOf(lines, (text) => most.test(text)) > MOST),
  );
  return kind ?? null;
}
