import { type CiphertextAccumulator, addChunk, createAccumulator, packedSum } from './accumulator.ts';
import type { ChunkRange } from './audit-order.ts';
import { equalBytes, fromHex, uint32ToBytes } from './encoding.ts';
import { CryptoError } from './errors.ts';
import type { Manifest } from './manifest.ts';
import { rangeProofPlaces, verifyRange } from './merkle-range.ts';
import { leafHash } from './merkle.ts';
import type { SumOpener } from './open-sum.ts';
import { CHUNK_BYTES } from './params.ts';
import type { PublicPrimitives } from './primitives.ts';

/** Chunks that an auditor sums at once: 3 MB of accumulators, whatever the vector's length. */
export const AUDIT_STRIPE = 64;

/** One upload's chunks of one stripe, and the hashes that lead from them to the root that its manifest signs. */
export interface AuditPart extends ChunkRange {
  /** Place of the contributor in the set, log order. */
  readonly contributor: number;
  /** Hashes of the proof, 32 bytes each (`rangeProofPlaces`). */
  readonly proof: number;
}

/**
 * In what order a range of chunks travels to an auditor: stripe by stripe, in each upload after upload, and of each its
 * packed chunks and then its proof. Both sides go by this.
 * @param chunks of the whole vector
 */
export function* auditParts(range: ChunkRange, contributors: number, chunks: number): Generator<AuditPart> {
  for (const { from, to } of auditStripes(range)) {
    const proof = rangeProofPlaces(chunks, from, to).length;
    for (let contributor = 0; contributor < contributors; contributor++)
      yield { contributor, from, to, proof };
  }
}

/** The range in pieces of at most AUDIT_STRIPE chunks. */
export function auditStripes({ from, to }: ChunkRange): ChunkRange[] {
  return Array.from({ length: Math.ceil((to - from) / AUDIT_STRIPE) }, (_, i) => ({
    from: from + i * AUDIT_STRIPE,
    to: Math.min(to, from + (i + 1) * AUDIT_STRIPE),
  }));
}

/** Bytes that an auditor fetches for a range. */
export function auditBytes(range: ChunkRange, contributors: number, chunks: number): number {
  let bytes = 0;
  for (const { from, to, proof } of auditParts(range, contributors, chunks)) {
    bytes += (to - from) * CHUNK_BYTES + 32 * proof;
  }
  return bytes;
}

/**
 * An auditor's sum of one stripe: every upload's chunks are added and hashed, tied to the upload's signed manifest, and
 * the sums are opened and compared with what was published.
 */
export class StripeAudit {
  readonly #primitives: PublicPrimitives;
  readonly #range: ChunkRange;
  readonly #chunks: number;
  readonly #sums: CiphertextAccumulator[];
  #leaves: Uint8Array[] = [];

  /** @param chunks of the whole vector */
  constructor(primitives: PublicPrimitives, range: ChunkRange, chunks: number) {
    this.#primitives = primitives;
    this.#range = range;
    this.#chunks = chunks;
    this.#sums = Array.from({ length: range.to - range.from }, createAccumulator);
  }

  /** The next packed chunk of the upload under way. @throws CryptoError AUDIT_FAILED for what is no chunk */
  add(manifest: Manifest, chunk: Uint8Array): void {
    const sum = this.#sums[this.#leaves.length];
    const index = this.#range.from + this.#leaves.length;
    if (sum === undefined) throw objection(`the chunks of the stripe of ${manifest.member}`, 'more', index);
    try {
      addChunk(sum, chunk);
    } catch (error) {
      throw objection(`a chunk of ${manifest.member}`, what(error), index);
    }
    this.#leaves.push(leafHash(this.#primitives, chunk));
  }

  /**
   * The upload's chunks of this stripe are all in: they must be the ones that its contributor signed.
   * @throws CryptoError AUDIT_FAILED naming the contributor
   */
  close(manifest: Manifest, proof: readonly Uint8Array[]): void {
    const claim = {
      root: fromHex(manifest.chunkRoot, 32),
      leaves: this.#chunks,
      from: this.#range.from,
      leafHashes: this.#leaves,
      proof,
    };
    const whole = this.#leaves.length === this.#sums.length;
    if (!whole || !verifyRange(this.#primitives, claim)) {
      const { from, to } = this.#range;
      const chunks = to - from === 1 ? 'chunk' : `chunks to ${to - 1}`;
      throw objection(`the ${chunks} that ${manifest.member} signed`, 'others', from);
    }
    this.#leaves = [];
  }

  /**
   * Opens the sum of a chunk; all uploads are in.
   * @param published its values as little-endian 32-bit numbers
   * @throws CryptoError AUDIT_FAILED where they are not these
   */
  compare(opener: SumOpener, index: number, published: Uint8Array): void {
    const sum = this.#sums[index - this.#range.from];
    if (sum === undefined) throw objection('a chunk of this stripe', 'another', index);
    let opened: Uint8Array;
    try {
      opened = uint32ToBytes(opener.openChunk(index, packedSum(sum)));
    } catch (error) {
      throw objection('a sum that opens with the key from the answers', what(error), index);
    }
    if (!equalBytes(opened, published)) throw objection('the sum of all uploads', 'other values', index);
  }
}

function what(error: unknown): string {
  return error instanceof CryptoError ? `${error.code} (${error.got})` : 'something else';
}

function objection(expected: string, got: string, chunk: number): CryptoError {
  return new CryptoError('AUDIT_FAILED', {
    expected: `${expected}, in chunk ${chunk}`,
    got,
    next: 'adopt nothing of this round; keep the log and the sum as evidence and tell the consortium',
  });
}
