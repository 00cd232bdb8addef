import { MerkleBuilder } from './merkle.ts';
import { valuesPerChunk } from './params.ts';
import type { LayoutName } from './params.ts';
import type { PublicPrimitives } from './primitives.ts';

/**
 * The Merkle root of an opened sum (RFC 9162): one leaf a chunk, its values as little-endian 32-bit numbers; the last
 * one may be shorter. Auditors sign this root, each for the leaves that it has recomputed. Bytes come in pieces of any
 * size; one leaf is held.
 */
export class SumTree {
  readonly #tree: MerkleBuilder;
  readonly #leaf: Uint8Array;
  #filled = 0;

  constructor(primitives: PublicPrimitives, layout: LayoutName) {
    this.#tree = new MerkleBuilder(primitives);
    this.#leaf = new Uint8Array(4 * valuesPerChunk(layout));
  }

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + this.#leaf.length - this.#filled);
      this.#leaf.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === this.#leaf.length) this.#close();
    }
  }

  /** Root of all bytes so far, 32 bytes; nothing may follow it. */
  root(): Uint8Array {
    if (this.#filled > 0) this.#close();
    return this.#tree.root();
  }

  #close(): void {
    this.#tree.append(this.#leaf.subarray(0, this.#filled));
    this.#filled = 0;
  }
}
