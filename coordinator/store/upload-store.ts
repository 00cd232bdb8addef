import { type Hash, createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OpenFile } from '../../crypto/identity/open-file.ts';
import { namesIn } from '../../crypto/identity/small-read.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { ManifestMessage } from '../../protocol/messages/manifest.ts';

/** Bytes of a round's uploads up to which their removal blocks: about a hundred files, a few milliseconds. */
const SMALL_ROUND = 4 * 1024 * 1024;

/** One upload in progress: the manifest fixes its size and digest before the first byte is taken. */
interface Upload {
  readonly manifest: ManifestMessage;
  readonly digest: Hash;
  length: number;
  file: OpenFile | null;
  busy: boolean;
  complete: boolean;
}

/** Looks into a blob that has its digest, before it counts. @returns its Merkle tree @throws what is wrong with it */
export type BlobCheck = (blob: {
  readonly manifest: ManifestMessage;
  readonly path: string;
}) => Promise<Uint8Array>;

/**
 * Blobs of the uploads, a folder a round, appended block by block. Memory: one running digest an upload.
 * An upload is known by the hash of its signed manifest, so the same manifest always continues the same file.
 */
export class UploadStore {
  private readonly directory: string;
  private readonly check: BlobCheck;
  private readonly uploads = new Map<string, Upload>();
  /** Manifests are taken one after another: two at once could open the same file twice. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(directory: string, check: BlobCheck) {
    this.directory = directory;
    this.check = check;
  }

  /** Named after its content too, so that no other upload of the member can ever take the place of an accepted one. */
  path({ round, member, blobHash }: Pick<ManifestMessage, 'round' | 'member' | 'blobHash'>): string {
    return join(this.directory, String(round), `${member}.${blobHash}.blob`);
  }

  /** The Merkle tree over the chunks of an accepted upload, kept so that a proof needs no look at the chunks. */
  treePath(manifest: Pick<ManifestMessage, 'round' | 'member' | 'blobHash'>): string {
    return `${this.path(manifest)}.tree`;
  }

  /**
   * Opens or continues an upload; gives the byte to go on from.
   * @throws CordonError OFFSET_MISMATCH while a request of another attempt of this member goes on
   */
  begin(id: string, manifest: ManifestMessage): Promise<number> {
    const result = this.queue.then(() => this.open(id, manifest));
    this.queue = result.catch(() => undefined);
    return result;
  }

  /** Whether the blob is whole and has its digest. */
  isComplete(id: string): boolean {
    return this.uploads.get(id)?.complete ?? false;
  }

  /** Bytes so far, or null for an upload that nobody announced. */
  offset(id: string): number | null {
    return this.uploads.get(id)?.length ?? null;
  }

  manifest(id: string): ManifestMessage | null {
    return this.uploads.get(id)?.manifest ?? null;
  }

  /**
   * Appends at `offset`. Whatever arrived before the connection broke is kept and counts.
   * @returns true once the blob is whole and has its digest
   * @throws CordonError OFFSET_MISMATCH; MESSAGE_MALFORMED, TIMEOUT for a body that breaks off (what came is kept);
   *   MESSAGE_TOO_LARGE, DIGEST_MISMATCH, MANIFEST_INVALID (the partial file is removed)
   */
  async append(id: string, offset: number, body: AsyncIterable<Uint8Array>): Promise<boolean> {
    const upload = this.uploads.get(id);
    if (!upload) throw notFound(id);
    if (upload.complete) return true;
    if (upload.busy || offset !== upload.length) throw wrongOffset(upload, offset);
    upload.busy = true;
    try {
      // Not in append mode: a piece that a full disk took half of is written over when it comes again.
      upload.file ??= OpenFile.open(this.partial(upload.manifest), 'w');
      for await (const piece of received(body)) {
        if (upload.length + piece.length > upload.manifest.blobBytes) {
          await this.drop(id, upload);
          throw tooLong(upload.manifest);
        }
        await upload.file.write(piece, upload.length);
        upload.digest.update(piece);
        upload.length += piece.length;
      }
      if (upload.length === upload.manifest.blobBytes) await this.complete(id, upload);
      return upload.complete;
    } finally {
      upload.busy = false;
    }
  }

  /** Forgets the uploads of all rounds before this one and removes their files, those of an earlier process too. */
  async dropBefore(round: number): Promise<void> {
    const dropped = new Map<string, number>();
    for (const [id, { manifest, file }] of this.uploads) {
      if (manifest.round >= round) continue;
      this.uploads.delete(id);
      await file?.close();
      const name = String(manifest.round);
      dropped.set(name, (dropped.get(name) ?? 0) + manifest.blobBytes);
    }
    for (const name of namesIn(this.directory)) {
      if (!/^\d+$/.test(name) || Number(name) >= round) continue;
      const folder = join(this.directory, name);
      if ((dropped.get(name) ?? Infinity) <= SMALL_ROUND) rmSync(folder, { recursive: true, force: true });
      else await rm(folder, { recursive: true, force: true });
    }
  }

  /** Closes what is open; the files stay. */
  async close(): Promise<void> {
    for (const { file } of this.uploads.values()) await file?.close();
    this.uploads.clear();
  }

  private async open(id: string, manifest: ManifestMessage): Promise<number> {
    const known = this.uploads.get(id);
    if (known) return known.length;
    await this.replace(manifest);
    const upload: Upload = {
      manifest,
      digest: createHash('sha256'),
      length: 0,
      file: null,
      busy: false,
      complete: false,
    };
    mkdirSync(join(this.directory, String(manifest.round)), { recursive: true, mode: 0o700 });
    this.uploads.set(id, upload);
    return upload.length;
  }

  private partial(manifest: ManifestMessage): string {
    return `${this.path(manifest)}.part`;
  }

  /** A member that lost its first attempt before it was accepted encrypts anew; the old bytes are of no use then. */
  private async replace(manifest: ManifestMessage): Promise<void> {
    for (const [id, upload] of this.uploads) {
      const same = upload.manifest.round === manifest.round && upload.manifest.member === manifest.member;
      if (!same || upload.complete) continue;
      // Two attempts may have one file: what still writes to one would change the other after it was looked into.
      if (upload.busy) throw wrongOffset(upload, upload.length);
      await this.drop(id, upload);
    }
  }

  private async complete(id: string, upload: Upload): Promise<void> {
    try {
      await this.seal(id, upload);
    } catch (error) {
      await this.drop(id, upload);
      throw error;
    }
  }

  private async seal(id: string, upload: Upload): Promise<void> {
    const { manifest } = upload;
    // Not synced: a coordinator that stops, however it stops, gives the round up and never reads its uploads again
    // (RunBook.closeCutOff). The digests show it if a disk does not give back what it was given.
    await upload.file?.close();
    upload.file = null;
    const digest = upload.digest.digest('hex');
    if (digest !== manifest.blobHash) {
      throw new CordonError('DIGEST_MISMATCH', {
        expected: `SHA-256 ${manifest.blobHash}`,
        got: digest,
        next: 'send the upload again from the first byte',
      });
    }
    // Not synced: after a crash the round is over, and with it the audit.
    const tree = await this.check({ manifest, path: this.partial(manifest) });
    // Dropped meanwhile: a file that comes into a folder as it is removed would keep it, and end the run.
    if (this.uploads.get(id) !== upload) throw notFound(id);
    await writeNew(this.treePath(manifest), tree);
    renameSync(this.partial(manifest), this.path(manifest));
    upload.complete = true;
  }

  private async drop(id: string, upload: Upload): Promise<void> {
    this.uploads.delete(id);
    await upload.file?.close();
    await rm(this.partial(upload.manifest), { force: true });
  }
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file = OpenFile.open(path, 'w');
  try {
    await file.write(bytes, 0);
  } finally {
    await file.close();
  }
}

/** The body piece by piece; a sender that vanishes is not this side's fault. */
async function* received(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    // Cut off from this side, for a reason of its own.
    if (cause instanceof CordonError) throw cause;
    const detail = {
      expected: 'the whole block',
      got: 'a connection that broke off',
      next: 'ask for the offset (HEAD) and go on from there',
    };
    throw new CordonError('MESSAGE_MALFORMED', detail, { cause });
  }
}

function notFound(id: string): CordonError {
  return new CordonError('NOT_FOUND', {
    expected: 'an upload whose manifest was sent before',
    got: id.slice(0, 12),
    next: 'send the manifest first',
  });
}

function wrongOffset(upload: Upload, offset: number): CordonError {
  return new CordonError('OFFSET_MISMATCH', {
    expected: upload.busy ? 'one request an upload at a time' : `offset ${upload.length}`,
    got: `offset ${offset}`,
    next: 'ask for the offset (HEAD) and go on from there',
  });
}

function tooLong(manifest: ManifestMessage): CordonError {
  return new CordonError('MESSAGE_TOO_LARGE', {
    expected: `${manifest.blobBytes} bytes as the manifest says`,
    got: 'more',
    next: 'send exactly the bytes that the manifest announces',
  });
}
