/** More of what a program prints is not kept. */
const MOST_BYTES = 4096;
const LINES = 6;
const MOST_TEXT = 600;
const MOST_LINE = 60;

/** The end of what a program prints. */
export class Tail {
  #kept = Buffer.alloc(0);

  add(chunk: Uint8Array): void {
    this.#kept = Buffer.concat([this.#kept, chunk.subarray(-MOST_BYTES)]).subarray(-MOST_BYTES);
  }

  /** The last lines in one, without control characters; empty where nothing was printed. */
  get text(): string {
    return this.#lines().slice(-LINES).join(' | ').slice(-MOST_TEXT);
  }

  get lastLine(): string {
    return (this.#lines().at(-1) ?? '').slice(0, MOST_LINE);
  }

  #lines(): string[] {
    const lines = this.#kept.toString('utf8').split(/[\r\n]+/);
    return lines.map((line) => line.replace(/\p{C}+/gu, ' ').trim()).filter((line) => line !== '');
  }
}
