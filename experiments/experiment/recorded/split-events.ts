import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { type Gzip, createGzip } from 'node:zlib';
import { formatEvent } from '../../../datasets/cordon-jsonl/write.ts';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';

interface Lane {
  readonly path: string;
  readonly out: Gzip;
  readonly done: Promise<void>;
  pending: string;
  events: number;
  training: number;
}

const PENDING = 64 * 1024;

/** Each member's authentications as a file of its own, in the order in which they come. */
export class SplitEvents {
  readonly #folder: string;
  readonly #trainUntil: number;
  readonly #lanes = new Map<string, Lane>();

  constructor(folder: string, trainUntil: number) {
    this.#folder = folder;
    this.#trainUntil = trainUntil;
  }

  async add(member: string, event: AuthEvent): Promise<void> {
    const lane = this.#lanes.get(member) ?? this.#open(member);
    lane.events++;
    if (event.time < this.#trainUntil) lane.training++;
    lane.pending += formatEvent(event);
    if (lane.pending.length < PENDING) return;
    const text = lane.pending;
    lane.pending = '';
    if (!lane.out.write(text)) await once(lane.out, 'drain');
  }

  /** Files and counts by member, of those that have any event. */
  async finish(): Promise<Map<string, { path: string; events: number; training: number }>> {
    for (const { out, pending } of this.#lanes.values()) out.end(pending);
    for (const { done } of this.#lanes.values()) await done;
    return new Map(
      [...this.#lanes].map(([member, { path, events, training }]) => [member, { path, events, training }]),
    );
  }

  #open(member: string): Lane {
    const path = join(this.#folder, `${member}.jsonl.gz`);
    const out = createGzip({ level: 1 });
    const file = createWriteStream(path);
    out.on('error', (error) => file.destroy(error));
    const lane = { path, out, done: finished(out.pipe(file)), pending: '', events: 0, training: 0 };
    this.#lanes.set(member, lane);
    return lane;
  }
}
