import type { CanonicalEvent } from '../protocol/events/canonical.ts';
import type { HostFact, Naming } from './host-facts.ts';
import type { TimeZone } from './time-zone.ts';

/** What a reader tells about the file it is given, record by record. */
export interface ReaderContext {
  /** Name that goes into `event.source.dataset`. */
  readonly dataset: string;
  /** Lines longer than this become rejects; memory stays bounded by it. */
  readonly maxLineBytes: number;
  /** Whose wall clock times without a zone are read by. */
  readonly timeZone: TimeZone;
  /** Lines of the file that were read before: reading goes on after them. None where left out. */
  readonly linesBefore?: number;
  /** A line was seen, blank or not. */
  line(): void;
  /**
   * What the record tells of names and addresses; before the event that it comes with. Readers look nothing up
   * themselves: what a fact means for an event depends on the order of the stream, which they do not know.
   */
  learn(fact: HostFact): void;
  /** A well-formed record that gave an event; with `naming` where it names hosts by address or short name. */
  emit(event: CanonicalEvent, naming?: Naming): void;
  /** A well-formed record of a kind that is not used; `kind` is counted (event id, orientation, ...). */
  ignore(kind: string): void;
  /**
   * The record has a time by a wall clock without a zone beside the time at which it was received, which has one.
   * @param wall the wall-clock time as if it were UTC
   */
  clock(wall: number, received: number): void;
  /** What a reader of the whole file's events must know of it, in a few words; the same words count once. */
  note(text: string): void;
  /** A record that cannot be read. `text` is its beginning; no more than 200 characters are kept. */
  reject(line: number, reason: string, text: string): void;
}

/** Takes the decompressed bytes of one file in any chunking; `end` is called once, after the last chunk. */
export interface RecordReader {
  write(chunk: Buffer): void;
  end(): void;
}

/** The beginning of a file: what a format is recognised by. File names play no part. */
export interface Head {
  readonly bytes: Buffer;
  /** Up to forty complete, non-blank lines; empty when the bytes are not text. */
  readonly lines: readonly string[];
}

/** One readable format. To add one: a folder with such an object, and a line in `formats.ts`. */
export interface Format {
  readonly name: string;
  readonly title: string;
  /** 0 (not this format) to 1 (every line looks like it). */
  recognise(head: Head): number;
  /**
   * True where every line stands for itself: a new reader may go on at the beginning of any line. Without it a reader
   * that is to go on is given everything before once more.
   */
  readonly resumable?: boolean;
  open(context: ReaderContext): RecordReader;
}

/** Share of `lines` that pass `test`: what most `recognise` functions return. */
export function shareOf(lines: readonly string[], test: (line: string) => boolean): number {
  if (lines.length === 0) return 0;
  let hits = 0;
  for (const line of lines) if (test(line)) hits++;
  return hits / lines.length;
}
