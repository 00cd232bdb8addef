import { type Hash, createHash } from 'node:crypto';
import { OpenFile } from '../../crypto/identity/open-file.ts';
import type { Manifest } from '../../crypto/public/manifest.ts';
import { CHUNK_BYTES } from '../../crypto/public/params.ts';
import { CordonError } from '../../protocol/errors.ts';

export interface StoredBlob {
  readonly manifest: Manifest;
  readonly path: string;
}

/** Chunks that one read takes from the disk. */
const BLOCK_CHUNKS = 8;

/**
 * Room for one read; readers that take turns share one.
 * @param chunks of the longest blob that is read with it
 */
export function blobBuffer(chunks: number): Uint8Array {
  return new Uint8Array(Math.min(chunks, BLOCK_CHUNKS) * CHUNK_BYTES);
}

/**
 * Reads a stored blob from its beginning in as many sittings as one likes. Between two sittings it holds no open file: a
 * thousand of them can be under way at once.
 */
export class BlobReader {
  protected readonly source: StoredBlob;
  protected position = 0;
  private readonly buffer: Uint8Array;

  constructor(source: StoredBlob, buffer: Uint8Array = blobBuffer(source.manifest.chunks)) {
    this.source = source;
    this.buffer = buffer;
  }

  /**
   * The next `count` chunks, one after another.
   * @param take gets each chunk, which is there only until it returns, and its place from 0 in this sitting
   * @throws CordonError BLOB_CORRUPT where the file ends before; what `take` throws
   */
  async chunks(count: number, take: (chunk: Uint8Array, index: number) => void): Promise<void> {
    await this.sitting(count * CHUNK_BYTES, (block, offset) => {
      for (let at = 0; at < block.length; at += CHUNK_BYTES) {
        take(block.subarray(at, at + CHUNK_BYTES), (offset + at) / CHUNK_BYTES);
      }
    });
  }

  protected async sitting(bytes: number, take: (block: Uint8Array, offset: number) => void): Promise<void> {
    const { manifest, path } = this.source;
    const file = OpenFile.open(path, 'r');
    try {
      for (let offset = 0; offset < bytes; offset += this.buffer.length) {
        const block = this.buffer.subarray(0, Math.min(this.buffer.length, bytes - offset));
        await readFully(file, manifest, this.position, block);
        this.position += block.length;
        take(block, offset);
      }
    } finally {
      await file.close();
    }
  }
}

/** Hashes the blob as it goes: at the end it tells whether that is still the one of the manifest. */
export class HashingReader extends BlobReader {
  private readonly hash: Hash = createHash('sha256');

  /** Reads what is left, sealed shares included: the digest covers the whole blob. @throws CordonError BLOB_CORRUPT */
  async finish(): Promise<void> {
    const { blobBytes, blobHash } = this.source.manifest;
    if (this.position < blobBytes) await this.sitting(blobBytes - this.position, () => undefined);
    const digest = this.hash.copy().digest('hex');
    if (digest !== blobHash) throw corrupt(this.source.manifest, digest);
  }

  protected override async sitting(
    bytes: number,
    take: (block: Uint8Array, offset: number) => void,
  ): Promise<void> {
    await super.sitting(bytes, (block, offset) => {
      this.hash.update(block);
      take(block, offset);
    });
  }
}

/** A range of a stored blob. @throws CordonError BLOB_CORRUPT naming the member where the file ends before */
export async function readRange(source: StoredBlob, offset: number, length: number): Promise<Uint8Array> {
  const file = OpenFile.open(source.path, 'r');
  try {
    const bytes = new Uint8Array(length);
    await readFully(file, source.manifest, offset, bytes);
    return bytes;
  } finally {
    await file.close();
  }
}

async function readFully(
  file: OpenFile,
  manifest: Manifest,
  offset: number,
  bytes: Uint8Array,
): Promise<void> {
  if ((await file.read(bytes, offset)) < bytes.length) throw corrupt(manifest, 'a shorter file');
}

function corrupt({ member, blobHash }: Manifest, got: string): CordonError {
  return new CordonError('BLOB_CORRUPT', {
    expected: `the update of ${member} with SHA-256 ${blobHash}`,
    got,
    next: 'check the disk of the coordinator and start the round again',
  });
}
