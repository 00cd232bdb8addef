import { mkdirSync, unlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../crypto/identity/durable-file.ts';
import { namesIn } from '../../crypto/identity/small-read.ts';
import { bytesToFloat32, float32ToBytes } from '../../models/detection/model-hash.ts';
import { CordonError } from '../../protocol/errors.ts';

/**
 * What this member keeps to itself from round to round of a run (`models/federated/own-state.ts`), a file a round: as it is
 * once that round's update is in the sum. It is on disk before the update leaves, and the log alone says which of the
 * files counts: after a crash nothing is to be decided.
 */
export class OwnStore {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** @throws CordonError DATA_NOT_FOUND where it is gone or not of this length */
  async read(run: string, round: number, length: number): Promise<Float32Array> {
    const path = this.path(run, round);
    const bytes = await readFile(path).catch(() => null);
    if (bytes?.length === 4 * length) return bytesToFloat32(bytes);
    throw new CordonError('DATA_NOT_FOUND', {
      expected: `what this member kept to itself in round ${round}: ${length} values in ${path}`,
      got: bytes === null ? 'no such file' : `${bytes.length} bytes`,
      next: 'this member takes no more part in the run; in the next one it begins anew',
    });
  }

  /** On disk before this returns. @param before the round whose file counts so far; what is older goes */
  async put(run: string, round: number, own: Float32Array, before: number | null): Promise<void> {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    await writeDurably(this.path(run, round), float32ToBytes(own));
    this.drop((name, of) => name === run && of !== before && of < round);
  }

  /** Removes what stands of these runs. */
  clear(runs: ReadonlySet<string>): void {
    this.drop((run) => runs.has(run));
  }

  private drop(which: (run: string, round: number) => boolean): void {
    for (const name of namesIn(this.directory)) {
      const [, run, round] = /^(.+)-(\d+)\.f32$/.exec(name) ?? [];
      if (run !== undefined && which(run, Number(round))) unlinkSync(join(this.directory, name));
    }
  }

  private path(run: string, round: number): string {
    return join(this.directory, `${run}-${round}.f32`);
  }
}
