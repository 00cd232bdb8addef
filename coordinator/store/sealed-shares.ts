import { shareRange } from '../../crypto/public/manifest.ts';
import { CHUNK_BYTES } from '../../crypto/public/params.ts';
import type { StoredBlob } from './blob-reader.ts';
import { KeptRanges } from './kept-ranges.ts';

/**
 * Sealed shares of one round's uploads. All committee members ask for theirs at the same time, each for one share of every
 * upload: what stands together at the end of a blob is read once, as long as it fits into a bounded memory.
 */
export class SealedShares {
  private readonly ranges: KeptRanges;

  /** @param most bytes that are kept in memory; the usual ones unless given */
  constructor(most?: number) {
    this.ranges = new KeptRanges(most);
  }

  /** The share for a committee member. @throws CordonError BLOB_CORRUPT; CryptoError MANIFEST_INVALID if there is none */
  async read(source: StoredBlob, committeeIndex: number): Promise<Uint8Array> {
    const { manifest } = source;
    const { offset, bytes } = shareRange(manifest, committeeIndex);
    const start = manifest.chunks * CHUNK_BYTES;
    const whole = { offset: start, length: manifest.blobBytes - start };
    return this.ranges.read(source, { offset, length: bytes }, whole);
  }
}
