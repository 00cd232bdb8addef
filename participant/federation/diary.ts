import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { uint32ToBytes } from '../../crypto/public/encoding.ts';
import { readIfThere, writeDurably } from '../../crypto/identity/durable-file.ts';
import type { ValueSource } from '../../crypto/secret/encrypt.ts';

/** What a round cost this member. It stays at the site. */
export interface Costs {
  readonly trainMs: number;
  readonly quantiseMs: number;
  readonly encryptMs: number;
  readonly uploadMs: number;
  readonly answerMs: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly loss: number;
  /** L2 norm of the update before clipping, and coordinates that were cut to the range. */
  readonly norm: number;
  readonly saturated: number;
}

/**
 * A file a round with what it cost. With `recordVectors`, for the demo and tests only, also the quantised update itself:
 * it never leaves the site's own folder, but whoever can read that folder can read the update.
 */
export class RoundDiary {
  private readonly directory: string;
  private readonly recordVectors: boolean;

  constructor(directory: string, recordVectors: boolean) {
    this.directory = directory;
    this.recordVectors = recordVectors;
  }

  static costsPath(directory: string, round: number): string {
    return join(directory, `round-${round}.json`);
  }

  static vectorPath(directory: string, round: number): string {
    return join(directory, `round-${round}.u32`);
  }

  async record(round: number, costs: Partial<Costs>): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const path = RoundDiary.costsPath(this.directory, round);
    const text = await readIfThere(path);
    const before = text === null ? {} : (JSON.parse(text) as Partial<Costs>);
    await writeDurably(path, JSON.stringify({ ...before, ...costs }));
  }

  /** Removes what stands of rounds before this one. */
  async prune(before: number): Promise<void> {
    for (const name of await readdir(this.directory)) {
      const round = Number(/^round-(\d+)\./.exec(name)?.[1] ?? NaN);
      if (round < before) await rm(join(this.directory, name), { force: true });
    }
  }

  async recordVector(round: number, values: Uint32Array | ValueSource): Promise<void> {
    if (!this.recordVectors) return;
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const all = values instanceof Uint32Array ? values : values.read(0, values.length);
    await writeDurably(RoundDiary.vectorPath(this.directory, round), uint32ToBytes(all));
  }
}
