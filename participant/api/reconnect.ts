import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomBytes } from '../../crypto/public/primitives.ts';

const FIRST_MS = 250;
const LONGEST_MS = 15_000;

/**
 * Waits between attempts to reconnect: doubling up to 15 s, each anywhere between half and the whole (jitter, so that
 * a thousand members do not come back in the same instant). It never gives up.
 */
export class Backoff {
  private readonly random: RandomBytes;
  private next = FIRST_MS;

  constructor(random: RandomBytes) {
    this.random = random;
  }

  reset(): void {
    this.next = FIRST_MS;
  }

  async wait(signal: AbortSignal): Promise<void> {
    const part = (this.random(1)[0] ?? 0) / 255;
    const ms = this.next * (0.5 + part / 2);
    this.next = Math.min(LONGEST_MS, this.next * 2);
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }
}
