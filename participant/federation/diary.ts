import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { uint32ToBytes } from '../../crypto/public/encoding.ts';
import { writeWhole } from '../../crypto/identity/durable-file.ts';
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
  /** What the round's file says, so that it need not be read again; one round at a time. */
  private current: { readonly round: number; readonly costs: Partial<Costs> } = { round: 0, costs: {} };
  private made = false;

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

  /** Keeps it for the next `record` of the round. */
  note(round: number, costs: Partial<Costs>): void {
    if (this.current.round !== round) this.current = { round, costs: {} };
    this.current = { round, costs: { ...this.current.costs, ...costs } };
  }

  /** Adds to the round's file. Not synced: figures that a power cut takes are missed by nobody. */
  async record(round: number, costs: Partial<Costs>): Promise<void> {
    this.note(round, costs);
    await this.make();
    await writeWhole(RoundDiary.costsPath(this.directory, round), JSON.stringify(this.current.costs));
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
    await this.make();
    const all = values instanceof Uint32Array ? values : values.read(0, values.length);
    await writeWhole(RoundDiary.vectorPath(this.directory, round), uint32ToBytes(all));
  }

  private async make(): Promise<void> {
    if (this.made) return;
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    this.made = true;
  }
}
