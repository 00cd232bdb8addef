import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Manifest } from '../../crypto/public/manifest.ts';
import { CHUNK_BYTES } from '../../crypto/public/params.ts';
import { CordonError } from '../../protocol/errors.ts';

export interface StoredBlob {
  readonly manifest: Manifest;
  readonly path: string;
}

/** Reads a stored blob from its beginning, piece by piece, and hashes it as it goes. */
export class BlobReader {
  private readonly source: StoredBlob;
  private readonly file: FileHandle;
  private readonly hash = createHash('sha256');
  private position = 0;

  private constructor(source: StoredBlob, file: FileHandle) {
    this.source = source;
    this.file = file;
  }

  static async open(source: StoredBlob): Promise<BlobReader> {
    return new BlobReader(source, await open(source.path, 'r'));
  }

  /** The next `length` bytes. @throws CordonError BLOB_CORRUPT where the file ends before */
  async next(length: number): Promise<Uint8Array> {
    const bytes = await readFully(this.file, this.source.manifest, this.position, length);
    this.hash.update(bytes);
    this.position += length;
    return bytes;
  }

  /** Reads what is left, sealed shares included: the digest covers the whole blob. @throws CordonError BLOB_CORRUPT */
  async finish(): Promise<void> {
    const { blobBytes, blobHash } = this.source.manifest;
    while (this.position < blobBytes) await this.next(Math.min(CHUNK_BYTES, blobBytes - this.position));
    const digest = this.hash.copy().digest('hex');
    if (digest !== blobHash) throw corrupt(this.source.manifest, digest);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** A range of a stored blob. @throws CordonError BLOB_CORRUPT naming the member where the file ends before */
export async function readRange(source: StoredBlob, offset: number, length: number): Promise<Uint8Array> {
  const file = await open(source.path, 'r');
  try {
    return await readFully(file, source.manifest, offset, length);
  } finally {
    await file.close();
  }
}

async function readFully(
  file: FileHandle,
  manifest: Manifest,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) throw corrupt(manifest, 'a shorter file');
    done += bytesRead;
  }
  return bytes;
}

function corrupt({ member, blobHash }: Manifest, got: string): CordonError {
  return new CordonError('BLOB_CORRUPT', {
    expected: `the update of ${member} with SHA-256 ${blobHash}`,
    got,
    next: 'check the disk of the coordinator and start the round again',
  });
}
