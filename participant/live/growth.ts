/** Sizes of a file that are remembered; of more, every second one is forgotten, and its bytes count as seen later. */
const MOST = 256;

/** When the bytes of a growing file were first seen to be there: what is read late has not come late. */
export class Growth {
  #seen: { readonly size: number; readonly at: number }[] = [];

  /** @param at on the clock that never goes back, milliseconds */
  see(size: number, at: number): void {
    if (size <= (this.#seen.at(-1)?.size ?? 0)) return;
    this.#seen.push({ size, at });
    if (this.#seen.length > MOST) this.#seen = this.#seen.filter((_, i) => i % 2 === MOST % 2);
  }

  /**
   * When the file was seen to have so many bytes, or null where that is still to come.
   * @param bytes never fewer than the last time
   */
  since(bytes: number): number | null {
    const first = this.#seen.findIndex(({ size }) => size >= bytes);
    if (first > 0) this.#seen.splice(0, first);
    return first < 0 ? null : (this.#seen[0]?.at ?? null);
  }

  /** The first size that was seen beyond so many bytes: what lies between was there at one time. Infinity where there is none. */
  next(bytes: number): number {
    return this.#seen.find(({ size }) => size > bytes)?.size ?? Infinity;
  }
}
