/**
 * Names as bytes, each with the comma that follows it in a row, laid out in words of four so that a row is made by
 * copying words, not bytes. What a copy writes beyond a name's end is written over by what follows.
 */
export class NameWords {
  /** Little-endian words of four bytes. */
  readonly words: Int32Array;
  /** The word with which each name begins. */
  readonly starts: Int32Array;
  /** Bytes of each name, its comma included. */
  readonly lengths: Uint16Array;
  /** Bytes that writing any of them may touch. */
  readonly longest: number;

  /** @param names ASCII */
  constructor(names: readonly string[]) {
    this.starts = new Int32Array(names.length);
    this.lengths = new Uint16Array(names.length);
    let total = 0;
    let longest = 0;
    for (const [i, name] of names.entries()) {
      this.starts[i] = total;
      this.lengths[i] = name.length + 1;
      const words = (name.length + 4) >> 2;
      longest = Math.max(longest, words * 4);
      total += words;
    }
    const bytes = Buffer.alloc(total * 4);
    for (const [i, name] of names.entries()) bytes.write(`${name},`, (this.starts[i] ?? 0) * 4, 'latin1');
    this.words = Int32Array.from({ length: total }, (_, i) => bytes.readInt32LE(i * 4));
    this.longest = longest;
  }

  /** Writes a name and its comma; returns the place after it. */
  write(out: DataView, at: number, index: number): number {
    const { words, starts } = this;
    const length = this.lengths[index] ?? 0;
    let word = starts[index] ?? 0;
    for (let done = 0; done < length; done += 4) out.setInt32(at + done, words[word++] ?? 0, true);
    return at + length;
  }
}
