/**
 * Which records were seen before, by what their source itself tells them apart by. Bounded: two generations of names;
 * when the young one is full the old one is dropped. So of the last `limit` distinct names each one is known, and none of
 * more than twice as many.
 */
export class UidWindow {
  readonly #limit: number;
  #young = new Set<string>();
  #old = new Set<string>();

  /** @param limit distinct names that are known for certain, at least 1 */
  constructor(limit: number) {
    this.#limit = Math.max(1, limit);
  }

  has(uid: string): boolean {
    return this.#young.has(uid) || this.#old.has(uid);
  }

  /** @returns whether the name was new; it is known from now on */
  add(uid: string): boolean {
    if (this.#young.has(uid)) return false;
    const known = this.#old.has(uid);
    if (this.#young.size >= this.#limit) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(uid);
    return !known;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** The names of both generations, each in the order in which they came. */
  snapshot(): { old: string[]; young: string[] } {
    return { old: [...this.#old], young: [...this.#young] };
  }

  /** Takes up where `snapshot` was taken. */
  restore({ old, young }: { readonly old: readonly string[]; readonly young: readonly string[] }): void {
    this.#old = new Set(old);
    this.#young = new Set(young);
  }
}
