/** Bytes of a key that is kept, and places that are looked at for one. */
const LONGEST = 512;
const MOST_LOOKS = 64;
/** Bytes of keys that are kept in all. */
const MOST_BYTES = 64 * 2 ** 20;

/** A place is four numbers: hash, where its key begins in `bytes`, its length plus one (0: the place is free), unused. */
const PLACE = 4;

/**
 * What a function makes of pieces of a file, by their bytes. Names and words of a log are few and come back millions of
 * times: looking them up by hash makes no garbage, and the same name is the same string everywhere downstream. Beyond
 * `limit` keys nothing more is kept and the function is asked each time; so it is for a key that is long, or whose
 * place many others have: their hash is no secret, and somebody may choose names by it. Keys lie one after another in one
 * array and places in another, because most of the time goes into waiting for memory.
 */
export class ByteMap<T> {
  #places = new Int32Array(64 * PLACE);
  #values: (T | undefined)[] = Array.from({ length: 64 });
  #bytes = new Uint8Array(1024);
  #used = 0;
  #size = 0;
  readonly #of: (text: string) => T;
  readonly #limit: number;

  /** @param of a pure function; gets the bytes as UTF-8 text */
  constructor(of: (text: string) => T, limit = 2 ** 20) {
    this.#of = of;
    this.#limit = limit;
  }

  /** What the function makes of bytes `start` to `end`; `hash` is any 32-bit hash of exactly these bytes. */
  get(buffer: Buffer, start: number, end: number, hash: number): T {
    const places = this.#places;
    const bytes = this.#bytes;
    const mask = places.length / PLACE - 1;
    const length = end - start;
    let slot = spread(hash) & mask;
    let free = false;
    for (let left = MOST_LOOKS; left > 0; left--) {
      const at = slot * PLACE;
      const kept = places[at + 2] ?? 0;
      free = kept === 0;
      if (free) break;
      if (
        kept === length + 1 &&
        places[at] === hash &&
        same(bytes, places[at + 1] ?? 0, buffer, start, length)
      )
        // `T` may hold undefined itself.
        return this.#values[slot] as T;
      slot = (slot + 1) & mask;
    }
    const value = this.#of(buffer.toString('utf8', start, end));
    if (free && this.#size < this.#limit && length <= LONGEST && this.#used + length <= MOST_BYTES)
      this.#keep(slot, buffer.subarray(start, end), hash, value);
    return value;
  }

  #keep(slot: number, key: Uint8Array, hash: number, value: T): void {
    if (this.#used + key.length > this.#bytes.length) {
      const bytes = new Uint8Array(this.#bytes.length * 2);
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    this.#bytes.set(key, this.#used);
    this.#places.set([hash, this.#used, key.length + 1], slot * PLACE);
    this.#values[slot] = value;
    this.#used += key.length;
    if (++this.#size * 2 > this.#values.length) this.#grow();
  }

  #grow(): void {
    const places = this.#places;
    const values = this.#values;
    const length = values.length * 4;
    this.#places = new Int32Array(length * PLACE);
    this.#values = Array.from({ length });
    for (let old = 0; old < values.length; old++) {
      const at = old * PLACE;
      if (places[at + 2] === 0) continue;
      let slot = spread(places[at] ?? 0) & (length - 1);
      while (this.#places[slot * PLACE + 2] !== 0) slot = (slot + 1) & (length - 1);
      this.#places.set(places.subarray(at, at + PLACE), slot * PLACE);
      this.#values[slot] = values[old];
    }
  }
}

function spread(hash: number): number {
  return hash ^ (hash >>> 15);
}

function same(bytes: Uint8Array, from: number, buffer: Buffer, start: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[from + i] !== buffer[start + i]) return false;
  return true;
}

/** Seed and step of the 32-bit FNV-1a hash that `get` expects. */
export const HASH_SEED = 0x811c9dc5 | 0;

/** The hash after one more byte. */
export function hashStep(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}
