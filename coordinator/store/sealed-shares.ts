import { shareRange } from '../../crypto/public/manifest.ts';
import { CHUNK_BYTES } from '../../crypto/public/params.ts';
import { type StoredBlob, readRange } from './blob-reader.ts';

/** Bytes of sealed shares that are kept in memory. */
const MOST = 16 * 1024 * 1024;

/**
 * Sealed shares of one round's uploads. All committee members ask for theirs at the same time, each for one share of every
 * upload: what stands together at the end of a blob is read once, as long as it fits into a bounded memory.
 */
export class SealedShares {
  private readonly most: number;
  private round = 0;
  private kept = 0;
  private ends = new Map<string, Promise<Uint8Array>>();

  constructor(most = MOST) {
    this.most = most;
  }

  /** The share for a committee member. @throws CordonError BLOB_CORRUPT; CryptoError MANIFEST_INVALID if there is none */
  async read(source: StoredBlob, committeeIndex: number): Promise<Uint8Array> {
    const { manifest, path } = source;
    if (manifest.round !== this.round) this.begin(manifest.round);
    const { offset, bytes } = shareRange(manifest, committeeIndex);
    const start = manifest.chunks * CHUNK_BYTES;
    const length = manifest.blobBytes - start;
    let end = this.ends.get(path);
    if (!end) {
      if (this.kept + length > this.most) return readRange(source, offset, bytes);
      this.kept += length;
      end = readRange(source, start, length);
      this.ends.set(path, end);
      // What could not be read once is read again: a file too many that was open is no reason to lose the round.
      end.catch(() => this.ends.delete(path));
    }
    return (await end).subarray(offset - start, offset - start + bytes);
  }

  private begin(round: number): void {
    this.round = round;
    this.kept = 0;
    this.ends = new Map();
  }
}
