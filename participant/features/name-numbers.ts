/**
 * Names to numbers, bounded. Two generations of `limit / 2` names: a name that is used again moves to the young one and
 * keeps its number; when the young one is full the old one is dropped. A dropped name that comes back gets a new number.
 */
export class NameNumbers {
  readonly #half: number;
  #young = new Map<string, number>();
  #old = new Map<string, number>();
  #next = 1;

  /** @param limit names held at once, at least 2 */
  constructor(limit: number) {
    this.#half = Math.max(1, Math.floor(limit / 2));
  }

  /** Number of a name, 1 or greater; 0 where it is unknown. */
  find(name: string): number {
    return this.#young.get(name) ?? this.#old.get(name) ?? 0;
  }

  /** Number of a name, new where it is unknown. */
  add(name: string): number {
    const known = this.#young.get(name);
    if (known !== undefined) return known;
    const id = this.#old.get(name) ?? this.#next++;
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, id);
    return id;
  }

  /** Names held, in both generations. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
