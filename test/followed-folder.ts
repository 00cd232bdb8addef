import {
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { StreamItem } from '../datasets/host-facts.ts';
import { partSettings } from '../datasets/read-part.ts';
import { type Advanced, Follower, type FollowerSnapshot } from '../participant/live/follower.ts';

/** Before every real time of change: files come to rest by the clock that the test moves. */
export const NOW = 1e12;
export const HOLD = 1e9;
export const SETTLE = 50;

/** A follower over a folder whose clocks the test moves. */
export class Followed {
  /** Unix time, milliseconds. */
  now = NOW;
  readonly troubles: string[] = [];
  follower: Follower;
  elapsed = 0;
  readonly #folder: string;

  readonly #take: (item: StreamItem, lane: string) => void;

  constructor(folder: string, take: (item: StreamItem, lane: string) => void) {
    this.#folder = folder;
    this.#take = take;
    this.follower = this.#make();
  }

  #make(): Follower {
    return new Follower(
      {
        watched: [{ folder: this.#folder, prefix: '', settings: partSettings({}) }],
        holdMs: HOLD,
        settleMs: SETTLE,
        onTrouble: (label) => this.troubles.push(label),
      },
      { now: () => this.now, elapsed: () => this.elapsed },
    );
  }

  /** Takes what can be had. @returns why there is no more */
  async poll(pass = 10): Promise<Advanced> {
    this.elapsed += pass;
    await this.follower.scan();
    for (;;) {
      const advanced = await this.follower.advance(this.#take, 1000);
      if (advanced !== 'more') return advanced;
    }
  }

  /** As after kill -9: nothing but what the snapshot holds, in the form in which it is written. */
  async restart(): Promise<void> {
    const snapshot = JSON.parse(JSON.stringify(this.follower.snapshot())) as FollowerSnapshot;
    await this.follower.close();
    this.follower = this.#make();
    this.follower.restore(snapshot);
  }

  /** Waits for everything that there is to wait for. */
  async end(): Promise<void> {
    for (let i = 0; i < 4; i++) await this.poll(SETTLE);
    for (let i = 0; i < 4; i++) await this.poll(2 * HOLD);
    await this.follower.close();
  }
}

/** As logrotate does it, at the end of a line. */
export function rotate(path: string, how: 'rotate' | 'copy-truncate' | 'compress'): void {
  if (!existsSync(path) || readFileSync(path).length === 0) return;
  if (how !== 'compress' && !readFileSync(path, 'utf8').endsWith('\n')) return;
  const piece = (n: number): string => {
    const plain = `${path}.${n}`;
    return existsSync(`${plain}.gz`) ? `${plain}.gz` : plain;
  };
  if (how === 'compress') {
    if (!existsSync(`${path}.1`)) return;
    writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(`${path}.1`)));
    rmSync(`${path}.1`);
    return;
  }
  for (let n = 8; n >= 1; n--) {
    const from = piece(n);
    if (existsSync(from)) renameSync(from, from.replace(`.${n}`, `.${n + 1}`));
  }
  if (how === 'rotate') renameSync(path, `${path}.1`);
  else {
    copyFileSync(path, `${path}.1`);
    truncateSync(path, 0);
  }
}
