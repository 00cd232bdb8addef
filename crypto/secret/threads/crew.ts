import { Worker } from 'node:worker_threads';
import type { FromThread, ToThread } from './messages.ts';

/** Threads of one start: they live until one of them ends, then all of them are of no more use. */
export class Crew {
  readonly #workers: readonly Worker[];
  readonly #replies: FromThread[] = [];
  #wake: (() => void) | null = null;
  #broken: Error | null = null;

  constructor(count: number) {
    this.#workers = Array.from({ length: count }, () => this.#start());
  }

  get size(): number {
    return this.#workers.length;
  }

  /** False once a thread has ended. */
  get usable(): boolean {
    return this.#broken === null;
  }

  /** @param move what the sender has no more after this */
  send(thread: number, message: ToThread, move: readonly ArrayBuffer[] = []): void {
    this.#workers[thread]?.postMessage(message, move);
  }

  /** The next reply of any of them. @throws Error once a thread has ended */
  async next(): Promise<FromThread> {
    for (;;) {
      const reply = this.#replies.shift();
      if (reply) return reply;
      if (this.#broken) throw this.#broken;
      // Only while it is waited for, a thread keeps the process alive.
      for (const worker of this.#workers) worker.ref();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
      for (const worker of this.#workers) worker.unref();
    }
  }

  /** Ends the vector: every thread has wiped its secrets when this returns, or is gone. */
  async endVector(): Promise<void> {
    this.#workers.forEach((_, thread) => {
      this.send(thread, { type: 'end' });
    });
    for (let ended = 0; ended < this.#workers.length && this.usable;) {
      const reply = await this.next().catch(() => null);
      if (reply?.type === 'ended') ended++;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(): Worker {
    // Options of the process are about its own program (`--input-type`, `--inspect`), not about this one.
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { execArgv: [] });
    worker.on('message', (reply: FromThread) => {
      this.#replies.push(reply);
      this.#wake?.();
    });
    const broken = (reason: unknown): void => {
      this.#broken ??= reason instanceof Error ? reason : new Error('a thread of the encryption has ended');
      this.#wake?.();
    };
    worker.on('error', broken);
    worker.on('exit', broken);
    worker.unref();
    return worker;
  }
}
