/** What is remembered of a pair of hosts: numbers of windows. */
export interface PairPast {
  /** The first window it was seen in, and the last. */
  readonly first: number;
  readonly last: number;
  /** Windows it was seen in. */
  readonly windows: number;
}

/** In which windows pairs were seen; of more pairs than there is room for, those seen longest ago are forgotten. */
export class PairMemory {
  /** Pairs that were forgotten. */
  forgotten = 0;
  /** In the order in which they were seen last. */
  readonly #pasts = new Map<number, PairPast>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#pasts.size;
  }

  find(key: number): PairPast | undefined {
    return this.#pasts.get(key);
  }

  /** Notes that a pair was seen in a window; to be called once for each window, in their order. */
  see(key: number, window: number): void {
    const past = this.#pasts.get(key);
    if (past !== undefined) this.#pasts.delete(key);
    this.#pasts.set(key, {
      first: past?.first ?? window,
      last: window,
      windows: (past?.windows ?? 0) + 1,
    });
    if (this.#pasts.size <= this.#limit) return;
    for (const oldest of this.#pasts.keys()) {
      this.#pasts.delete(oldest);
      this.forgotten++;
      return;
    }
  }
}
