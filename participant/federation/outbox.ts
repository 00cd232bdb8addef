import { closeSync, mkdirSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere, syncFile, writeDurably } from '../../crypto/identity/durable-file.ts';
import { namesIn } from '../../crypto/identity/small-read.ts';
import { check } from '../../protocol/codec/codec.ts';
import { ManifestMessage } from '../../protocol/messages/manifest.ts';

/** Writes a blob piece by piece; it counts only once `seal` has returned. */
export interface BlobWriter {
  /** Blocks: into the system's memory only. */
  write(bytes: Uint8Array): void;
  /** Syncs and names the file; the name itself is on disk once the manifest is. */
  seal(): Promise<void>;
  /** Lets go of a blob that was not sealed; what was written of it is overwritten by the next attempt. */
  close(): void;
}

/**
 * Uploads on disk: the blob is there, and its key erased, before the first byte leaves; after a crash the same bytes
 * are sent again. The manifest is written last, so a blob without one is waste.
 */
export class Outbox {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  blobPath(round: number): string {
    return join(this.directory, `round-${round}.blob`);
  }

  createBlob(round: number): BlobWriter {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const temporary = `${this.blobPath(round)}.tmp`;
    const file = openSync(temporary, 'w', 0o600);
    let [isOpen, written] = [true, 0];
    const close = () => {
      if (!isOpen) return;
      isOpen = false;
      closeSync(file);
    };
    return {
      close,
      write: (bytes) => {
        writeFileSync(file, bytes);
        written += bytes.length;
      },
      seal: async () => {
        await syncFile(file, written);
        close();
        // The name is synced with that of the manifest, without which the blob does not count.
        renameSync(temporary, this.blobPath(round));
      },
    };
  }

  async saveManifest(manifest: ManifestMessage): Promise<void> {
    await writeDurably(this.manifestPath(manifest.round), JSON.stringify(manifest));
  }

  /** The manifest of the update that was made for this transcript, or null. */
  async manifest(round: number, transcriptHash: string): Promise<ManifestMessage | null> {
    const text = await readIfThere(this.manifestPath(round));
    if (text === null) return null;
    const manifest = check(ManifestMessage, JSON.parse(text), 'stored manifest');
    return manifest.transcriptHash === transcriptHash ? manifest : null;
  }

  /** Removes everything of the rounds up to this one. */
  clear(upTo: number): void {
    for (const name of namesIn(this.directory)) {
      const round = Number(/^round-(\d+)\./.exec(name)?.[1] ?? NaN);
      if (round <= upTo) unlinkSync(join(this.directory, name));
    }
  }

  private manifestPath(round: number): string {
    return join(this.directory, `round-${round}.manifest.json`);
  }
}
