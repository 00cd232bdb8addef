import { type StoredBlob, readRange } from './blob-reader.ts';

/** Bytes that one of these keeps in memory. */
const MOST = 16 * 1024 * 1024;

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * Ranges of one round's uploads that several members ask for, or for parts of, at about the same time: what is read once
 * is kept until somebody asks for one of a later round, as long as it fits into a bounded memory. Whoever still reads an
 * earlier round, however slowly, does not drive out the present one.
 */
export class KeptRanges {
  private readonly most: number;
  private round = 0;
  private kept = 0;
  private ranges = new Map<string, Promise<Uint8Array>>();

  constructor(most = MOST) {
    this.most = most;
  }

  /**
   * @param part what is asked for
   * @param whole what is kept, `part` in it
   * @throws CordonError BLOB_CORRUPT
   */
  async read(source: StoredBlob, part: ByteRange, whole: ByteRange = part): Promise<Uint8Array> {
    const { round } = source.manifest;
    if (round > this.round) this.begin(round);
    if (round < this.round) return readRange(source, part.offset, part.length);
    const { ranges } = this;
    const name = `${whole.offset} ${whole.length} ${source.path}`;
    let bytes = ranges.get(name);
    if (!bytes) {
      if (this.kept + whole.length > this.most) return readRange(source, part.offset, part.length);
      this.kept += whole.length;
      bytes = readRange(source, whole.offset, whole.length);
      ranges.set(name, bytes);
      // What could not be read once is read again: a file too many that was open is no reason to lose the round.
      bytes.catch(() => {
        ranges.delete(name);
        if (ranges === this.ranges) this.kept -= whole.length;
      });
    }
    const start = part.offset - whole.offset;
    return (await bytes).subarray(start, start + part.length);
  }

  private begin(round: number): void {
    this.round = round;
    this.kept = 0;
    this.ranges = new Map();
  }
}
