/** Estimates how long is left from what the same kind of step took before. */
export class TimeLeft {
  readonly #elapsed: () => number;
  /** Kinds of the steps that are still to come, in any order. */
  readonly #left: string[];
  readonly #taken = new Map<string, number[]>();

  /** @param elapsed milliseconds on a clock that never goes back */
  constructor(kinds: readonly string[], elapsed: () => number) {
    this.#left = [...kinds];
    this.#elapsed = elapsed;
  }

  /** Does one step and remembers what it took. */
  async step<T>(kind: string, work: () => Promise<T>): Promise<T> {
    const started = this.#elapsed();
    const result = await work();
    const place = this.#left.indexOf(kind);
    if (place >= 0) this.#left.splice(place, 1);
    this.#taken.set(kind, [...(this.#taken.get(kind) ?? []), this.#elapsed() - started]);
    return result;
  }

  /** Milliseconds; null until a step of every kind that is left has been done. */
  get ms(): number | null {
    let total = 0;
    for (const kind of this.#left) {
      const taken = this.#taken.get(kind);
      if (taken === undefined) return null;
      total += taken.reduce((sum, ms) => sum + ms, 0) / taken.length;
    }
    return total;
  }

  /** For example ` (about 3 min left)`; empty where nothing is known. */
  get text(): string {
    const { ms } = this;
    if (ms === null || ms === 0) return '';
    const seconds = ms / 1000;
    if (seconds < 90) return ` (about ${Math.ceil(seconds)} s left)`;
    if (seconds < 5400) return ` (about ${Math.round(seconds / 60)} min left)`;
    return ` (about ${(seconds / 3600).toFixed(1)} h left)`;
  }
}
