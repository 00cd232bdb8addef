import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { addChunk, createAccumulator, packedSum } from '../../crypto/public/accumulator.ts';
import type { Manifest } from '../../crypto/public/manifest.ts';
import { CHUNK_BYTES } from '../../crypto/public/params.ts';
import { CordonError } from '../../protocol/errors.ts';

interface Source {
  readonly manifest: Manifest;
  readonly path: string;
}

/**
 * Sums the ciphertexts of all uploads chunk by chunk and hands each packed sum on. Memory: one accumulator and one
 * chunk, whatever the number of members. Every blob is hashed again as it is read.
 * @throws CordonError BLOB_CORRUPT naming the member whose stored blob no longer has its digest
 */
export async function sumUploads(
  sources: readonly Source[],
  chunks: number,
  onChunk: (index: number, packed: Uint8Array) => Promise<void>,
): Promise<void> {
  const readers: Reader[] = [];
  try {
    for (const source of sources) readers.push(await Reader.open(source));
    for (let chunk = 0; chunk < chunks; chunk++) {
      const accumulator = createAccumulator();
      for (const reader of readers) addChunk(accumulator, await reader.next(CHUNK_BYTES));
      await onChunk(chunk, packedSum(accumulator));
    }
    for (const reader of readers) await reader.finish();
  } catch (error) {
    // A chunk that does not open may be one that rotted on disk: that explains more.
    for (const reader of readers) await reader.finish();
    throw error;
  } finally {
    for (const reader of readers) await reader.close();
  }
}

class Reader {
  private readonly source: Source;
  private readonly file: FileHandle;
  private readonly hash = createHash('sha256');
  private position = 0;

  private constructor(source: Source, file: FileHandle) {
    this.source = source;
    this.file = file;
  }

  static async open(source: Source): Promise<Reader> {
    return new Reader(source, await open(source.path, 'r'));
  }

  async next(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await this.file.read(bytes, 0, length, null);
    if (bytesRead !== length) throw this.corrupt('a shorter file');
    this.hash.update(bytes);
    this.position += length;
    return bytes;
  }

  /** Reads what is left, sealed shares included: the digest covers the whole blob. */
  async finish(): Promise<void> {
    const { blobBytes, blobHash } = this.source.manifest;
    while (this.position < blobBytes) await this.next(Math.min(CHUNK_BYTES, blobBytes - this.position));
    const digest = this.hash.copy().digest('hex');
    if (digest !== blobHash) throw this.corrupt(digest);
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private corrupt(got: string): CordonError {
    return new CordonError('BLOB_CORRUPT', {
      expected: `the update of ${this.source.manifest.member} with SHA-256 ${this.source.manifest.blobHash}`,
      got,
      next: 'check the disk of the coordinator and start the round again',
    });
  }
}
