import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type FileWriter,
  TEMPORARY_SUFFIX,
  createFile,
  writeDurably,
} from '../../crypto/identity/durable-file.ts';
import { OpenFile } from '../../crypto/identity/open-file.ts';
import { namesIn } from '../../crypto/identity/small-read.ts';
import { float32ToBytes } from '../../models/detection/model-hash.ts';

/** Global models by their hash, as little-endian float32. */
export class ModelStore {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  async save(hash: string, weights: Float32Array): Promise<void> {
    this.make();
    await writeDurably(this.path(hash), float32ToBytes(weights));
  }

  /** A model that is written piece by piece; its hash, and so its `path`, is known at the end. */
  async create(): Promise<FileWriter> {
    this.make();
    return createFile(this.directory);
  }

  /** On disk for good. Models between the first and the last follow from the log and the sums, and are not synced. */
  async keep(hash: string): Promise<void> {
    const file = OpenFile.open(this.path(hash), 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }

  path(hash: string): string {
    return join(this.directory, `${hash}.f32`);
  }

  /** Removes every model but these, and what a crash has left half-written. */
  async dropExcept(kept: ReadonlySet<string>): Promise<void> {
    for (const name of namesIn(this.directory)) {
      const hash = /^([0-9a-f]{64})\.f32$/.exec(name)?.[1];
      const old = hash === undefined ? name.endsWith(TEMPORARY_SUFFIX) : !kept.has(hash);
      if (old) await rm(join(this.directory, name), { force: true });
    }
  }

  private make(): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
  }
}
