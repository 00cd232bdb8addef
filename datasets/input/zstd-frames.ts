const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];

/** What comes next in a frame; of `pass` and `drop` the given number of bytes. */
type State =
  | { readonly part: 'frame' | 'block' }
  | { readonly part: 'pass'; readonly bytes: number; readonly next: State }
  | { readonly part: 'drop'; readonly bytes: number };

/** Says in Node's own words that bytes are no zstd frame. */
export class NotZstd extends Error {
  readonly code = 'ZSTD_error_prefix_unknown';
}

/**
 * Cuts zstd bytes where a frame ends (RFC 8878, 3.1). A file may hold many: compressed in parallel, or appended to.
 * Node's decoder leaves out, without a word, what follows the end of a frame in the same piece; given each frame in
 * pieces of its own it reads them all. Skippable frames are left out.
 */
export class ZstdFrames {
  #state: State = { part: 'frame' };
  #checksum = false;
  /** Beginning of a header that is not complete; at most a few bytes. */
  #rest = Buffer.alloc(0);

  /** The pieces of `bytes`, none of which holds more than one frame. @throws NotZstd */
  *split(bytes: Buffer): Generator<Buffer> {
    const whole = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#rest = Buffer.alloc(0);
    let start = 0;
    let at = 0;
    while (at < whole.length) {
      const state = this.#state;
      if (state.part === 'pass' || state.part === 'drop') {
        const taken = Math.min(state.bytes, whole.length - at);
        at += taken;
        if (state.part === 'drop') start = at;
        if (taken < state.bytes) this.#state = { ...state, bytes: state.bytes - taken };
        else this.#state = state.part === 'drop' ? { part: 'frame' } : state.next;
        if (state.part === 'pass' && this.#state.part === 'frame') {
          yield whole.subarray(start, at);
          start = at;
        }
        continue;
      }
      const next = state.part === 'frame' ? this.#frame(whole, at) : this.#block(whole, at);
      if (next === null) break;
      this.#state = next;
    }
    if (at > start) yield whole.subarray(start, at);
    this.#rest = Buffer.from(whole.subarray(at));
  }

  /** What is left of an incomplete header: the decoder says of it that the file ends too early. */
  end(): Buffer {
    return this.#rest;
  }

  #frame(bytes: Buffer, at: number): State | null {
    const left = bytes.length - at;
    if (left < 4) return null;
    const magic = bytes.readUInt32LE(at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      return left < 8 ? null : { part: 'drop', bytes: 8 + bytes.readUInt32LE(at + 4) };
    }
    if (magic !== FRAME_MAGIC) throw new NotZstd('Unknown frame descriptor');
    if (left < 5) return null;
    const descriptor = bytes.readUInt8(at + 4);
    const single = (descriptor & 0x20) !== 0;
    const dictionary = DICTIONARY_BYTES[descriptor & 3] ?? 0;
    const sizes = CONTENT_SIZE_BYTES[descriptor >> 6] ?? 0;
    const content = sizes === 0 && single ? 1 : sizes;
    this.#checksum = (descriptor & 4) !== 0;
    const header = 5 + (single ? 0 : 1) + dictionary + content;
    return { part: 'pass', bytes: header, next: { part: 'block' } };
  }

  #block(bytes: Buffer, at: number): State | null {
    if (bytes.length - at < 3) return null;
    const head = bytes.readUIntLE(at, 3);
    const last = (head & 1) !== 0;
    const repeated = ((head >> 1) & 3) === 1;
    const size = 3 + (repeated ? 1 : head >>> 3);
    if (!last) return { part: 'pass', bytes: size, next: { part: 'block' } };
    return { part: 'pass', bytes: size + (this.#checksum ? 4 : 0), next: { part: 'frame' } };
  }
}
