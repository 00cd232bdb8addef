import { CHUNK_BYTES } from '../../crypto/public/params.ts';
import { type StoredBlob, readRange } from './blob-reader.ts';

/** Bytes that one of these keeps in memory. */
const MOST = 16 * 1024 * 1024;
/** Bytes of the fixed pieces into which the chunks of a blob are divided. */
const PIECE = 8 * CHUNK_BYTES;

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * Ranges of one round's uploads that several members ask for, or for parts of, at about the same time: what is read once
 * is kept until somebody asks for one of a later round, as long as it fits into a bounded memory. Whoever still reads an
 * earlier round, however slowly, does not drive out the present one. Chunks are kept in fixed pieces, so that nobody fills
 * the memory with the same ones over and over by asking for ranges that begin elsewhere.
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
   * @param part what is asked for; within the blob's chunks where no `whole` is given
   * @param whole what is kept, `part` in it; without it the pieces of 8 chunks that `part` touches
   * @throws CordonError BLOB_CORRUPT
   */
  async read(source: StoredBlob, part: ByteRange, whole?: ByteRange): Promise<Uint8Array> {
    const { round } = source.manifest;
    if (round > this.round) this.begin(round);
    if (round < this.round) return readRange(source, part.offset, part.length);
    const wholes = whole ? [whole] : piecesOf(source, part);
    const kept: Promise<Uint8Array>[] = [];
    for (const one of wholes) {
      const bytes = this.keep(source, one);
      if (bytes === null) return readRange(source, part.offset, part.length);
      kept.push(bytes);
    }
    return cut(await Promise.all(kept), part.offset - (wholes[0]?.offset ?? 0), part.length);
  }

  /** A range that is kept from now on, or was before; null where there is no room for it. */
  private keep(source: StoredBlob, { offset, length }: ByteRange): Promise<Uint8Array> | null {
    const { ranges } = this;
    const name = `${offset} ${length} ${source.path}`;
    const known = ranges.get(name);
    if (known) return known;
    if (this.kept + length > this.most) return null;
    this.kept += length;
    const bytes = readRange(source, offset, length);
    ranges.set(name, bytes);
    // What could not be read once is read again: a file too many that was open is no reason to lose the round.
    bytes.catch(() => {
      ranges.delete(name);
      if (ranges === this.ranges) this.kept -= length;
    });
    return bytes;
  }

  private begin(round: number): void {
    this.round = round;
    this.kept = 0;
    this.ranges = new Map();
  }
}

/** The fixed pieces that a range of chunks touches, in order; the last one of a blob may be shorter. */
function piecesOf({ manifest }: StoredBlob, part: ByteRange): ByteRange[] {
  const end = manifest.chunks * CHUNK_BYTES;
  const pieces: ByteRange[] = [];
  for (
    let offset = part.offset - (part.offset % PIECE);
    offset < part.offset + part.length;
    offset += PIECE
  ) {
    pieces.push({ offset, length: Math.min(PIECE, end - offset) });
  }
  return pieces;
}

/** So many bytes from `start` on of what stands one after another; no copy where it is all in one. */
function cut(pieces: readonly Uint8Array[], start: number, length: number): Uint8Array {
  const [only, ...more] = pieces;
  if (only && more.length === 0) return only.subarray(start, start + length);
  const bytes = new Uint8Array(length);
  let at = -start;
  for (const piece of pieces) {
    bytes.set(piece.subarray(Math.max(0, -at), length - at), Math.max(0, at));
    at += piece.length;
  }
  return bytes;
}
