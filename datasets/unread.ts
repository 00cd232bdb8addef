import type { Head } from './format.ts';

interface Unread {
  readonly title: string;
  /** Hexadecimal first bytes, any of them. */
  readonly magic?: readonly string[];
  /** What the first non-blank line looks like. */
  readonly line?: RegExp;
}

/** Kinds of files that people have and that no reader takes yet, by a cheap signature. */
const UNREAD: readonly Unread[] = [
  { title: 'a packet capture (pcap)', magic: ['a1b2c3d4', 'd4c3b2a1', 'a1b23c4d', '4d3cb2a1'] },
  { title: 'a packet capture (pcapng)', magic: ['0a0d0d0a'] },
  { title: 'flows of CTU-13 (CSV)', line: /^StartTime,Dur,Proto,SrcAddr,/i },
];

/** What a file that no reader recognises probably is, or null. */
export function knownUnread({ bytes, lines }: Head): string | null {
  const start = bytes.subarray(0, 8).toString('hex');
  const first = lines[0] ?? '';
  const kind = UNREAD.find(
    ({ magic, line }) => magic?.some((each) => start.startsWith(each)) === true || line?.test(first) === true,
  );
  return kind?.title ?? null;
}
