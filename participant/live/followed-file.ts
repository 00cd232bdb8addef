import type { Growth } from './growth.ts';

/** What is known of one file that is followed; plain values, as the checkpoint holds them. */
export interface FollowedFile {
  /** Where it was seen last: path with forward slashes below the folder. */
  label: string;
  /** Series that its events come in; stays with the file when it is moved. */
  readonly lane: string;
  /** Of an archive: the name of the entry; else ''. */
  entry: string;
  /** Device and inode. */
  node: string;
  size: number;
  modified: number;
  /** `plain` is followed as it grows, `packed` is read as a whole once it has come to rest, `other` has no reader. */
  kind: 'plain' | 'packed' | 'other';
  /** Name of the format; '' until there is enough to tell. */
  format: string;
  /** Digest of its first bytes, as far as they have been taken: by it the file is known again under another inode. */
  head: { readonly bytes: number; readonly digest: string };
  /** Digest of the last bytes before `offset`: a file that goes on from here has them there. */
  tail: { readonly bytes: number; readonly digest: string };
  /** Plain: bytes and lines that have been taken, whole lines only. Packed: taken before it was packed, unpacked. */
  offset: number;
  lines: number;
  /** Packed: items that have been taken, beyond `offset`. */
  items: number;
  /** Packed: read to its end at this size and time of change. */
  done: boolean;
}

/** What only the running process knows of it. */
export interface FileState {
  readonly file: FollowedFile;
  path: string;
  /** Not there any more, or truncated: kept to know it again elsewhere. */
  gone: boolean;
  /** When size or time of change was last seen to change, on the clock that never goes back. */
  changed: number;
  readonly growth: Growth;
  /** Size at which everything but an unfinished last line was taken; -1 where that is not so. */
  unfinished: number;
}

/** First bytes that tell files apart; of an EVTX file the header, which many share, and that of the first chunk. */
export const HEAD_BYTES = 8192;

/** Last bytes that were taken, by which it shows that a file goes on from there. */
export const TAIL_BYTES = 256;

/** A file that was just met. */
export function newFile(label: string, lane: string, node: string): FollowedFile {
  return {
    label,
    lane,
    entry: '',
    node,
    size: 0,
    modified: 0,
    kind: 'plain',
    format: '',
    head: { bytes: 0, digest: '' },
    tail: { bytes: 0, digest: '' },
    offset: 0,
    lines: 0,
    items: 0,
    done: false,
  };
}
