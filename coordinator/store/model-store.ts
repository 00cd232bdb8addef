import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../crypto/identity/durable-file.ts';
import { float32ToBytes } from '../../models/detection/model-hash.ts';

/** Global models by their hash, as little-endian float32. */
export class ModelStore {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  async save(hash: string, weights: Float32Array): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    await writeDurably(this.path(hash), float32ToBytes(weights));
  }

  /** @returns the bytes of the model, or null */
  async read(hash: string): Promise<Uint8Array | null> {
    return readFile(this.path(hash)).catch(() => null);
  }

  /** Removes every model but these. */
  async dropExcept(kept: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.directory).catch(() => [])) {
      const hash = /^([0-9a-f]{64})\.f32$/.exec(name)?.[1];
      if (hash !== undefined && !kept.has(hash)) await rm(this.path(hash), { force: true });
    }
  }

  private path(hash: string): string {
    return join(this.directory, `${hash}.f32`);
  }
}
