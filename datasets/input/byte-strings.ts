/** Bytes of a name that is kept, and places that are looked at for one. */
const LONGEST = 512;
const MOST_LOOKS = 64;

/**
 * Strings of a file by their bytes. LANL names are few and come back millions of times: looking them up by hash
 * makes no garbage, and the same name is the same string everywhere downstream. Beyond `limit` names nothing more is
 * kept and each look-up makes a new string; so does one of a name that is long, or whose place many others have: their hash
 * is no secret, and somebody may choose names by it.
 */
export class ByteStrings {
  private table: (string | undefined)[];
  private keys: (Buffer | undefined)[];
  private size = 0;
  private readonly transform: (text: string) => string;
  private readonly limit: number;

  constructor(transform: (text: string) => string, limit = 2 ** 20) {
    this.transform = transform;
    this.limit = limit;
    this.table = Array.from({ length: 64 });
    this.keys = Array.from({ length: 64 });
  }

  /** The string of bytes `start` to `end`; `hash` is any 32-bit hash of exactly these bytes. */
  get(buffer: Buffer, start: number, end: number, hash: number): string {
    const mask = this.table.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    let free = false;
    for (let left = MOST_LOOKS; left > 0; left--) {
      const key = this.keys[slot];
      free = key === undefined;
      if (key === undefined) break;
      if (same(key, buffer, start, end)) return this.table[slot] ?? '';
      slot = (slot + 1) & mask;
    }
    const text = this.transform(buffer.toString('utf8', start, end));
    if (free && this.size < this.limit && end - start <= LONGEST) {
      this.keys[slot] = Buffer.from(buffer.subarray(start, end));
      this.table[slot] = text;
      if (++this.size * 2 > this.table.length) this.grow();
    }
    return text;
  }

  private grow(): void {
    const { keys, table } = this;
    const length = table.length * 4;
    this.keys = Array.from({ length });
    this.table = Array.from({ length });
    const mask = length - 1;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (key === undefined) continue;
      const hash = hashBytes(key, 0, key.length);
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (this.keys[slot] !== undefined) slot = (slot + 1) & mask;
      this.keys[slot] = key;
      this.table[slot] = table[i];
    }
  }
}

function same(key: Buffer, buffer: Buffer, start: number, end: number): boolean {
  const length = end - start;
  if (key.length !== length) return false;
  for (let i = 0; i < length; i++) if (key[i] !== buffer[start + i]) return false;
  return true;
}

/** Seed and step of the 32-bit FNV-1a hash that `get` expects. */
export const HASH_SEED = 0x811c9dc5 | 0;

/** The hash after one more byte. */
export function hashStep(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

function hashBytes(bytes: Buffer, start: number, end: number): number {
  let hash = HASH_SEED;
  for (let i = start; i < end; i++) hash = hashStep(hash, bytes[i] ?? 0);
  return hash;
}
