import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { testChunk } from '../../test/stored-uploads.ts';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { AUDIT_STRIPE, StripeAudit, auditBytes, auditParts, auditStripes } from './audit-sum.ts';
import { toHex, uint32ToBytes } from './encoding.ts';
import { unpackChunk } from './kernels/ring.ts';
import { nodeOffset, rangeProofPlaces, treeLevels } from './merkle-range.ts';
import { leafHash } from './merkle.ts';
import type { SumOpener } from './open-sum.ts';
import { CHUNK_BYTES, N, PRIMES } from './params.ts';

const CHUNKS = 5;
const round = new TestFederation(3).round();
const trees: Uint8Array[] = [];
/** Three uploads whose manifests sign exactly their chunks. */
const uploads = [0, 1, 2].map((upload) => {
  const chunks = Array.from({ length: CHUNKS }, (_, index) => testChunk(upload, index));
  const tree = treeLevels(p, Buffer.concat(chunks.map((chunk) => leafHash(p, chunk))));
  trees.push(tree);
  const chunkRoot = toHex(tree.subarray(-32));
  return { chunks, manifest: round.manifest(`org-${upload + 1}`, undefined, { chunkRoot, chunks: CHUNKS }) };
});

function proofOf(upload: number, from: number, to: number): Uint8Array[] {
  return rangeProofPlaces(CHUNKS, from, to).map((place) => {
    const at = nodeOffset(CHUNKS, place);
    return (trees[upload] ?? new Uint8Array()).subarray(at, at + 32);
  });
}

/** What stands for the opening here: the residues of the sum themselves, which differ where anything differs. */
const opener: SumOpener = {
  openChunk: (_index, packed) => unpackChunk(packed),
  greatestNoise: () => 0,
};

/** Sums of the residues by plain arithmetic. */
function plain(index: number): Uint8Array {
  const parts = uploads.map(({ chunks }) => unpackChunk(chunks[index] ?? new Uint8Array()));
  return uint32ToBytes(
    Uint32Array.from({ length: PRIMES.length * N }, (_, i) =>
      parts.reduce((sum, part) => (sum + (part[i] ?? 0)) % (PRIMES[Math.floor(i / N)] ?? 1), 0),
    ),
  );
}

/** Audits chunks 1 to 3; a test may change what arrives. */
function audit(
  change: (upload: number, index: number, chunk: Uint8Array) => Uint8Array = (_u, _i, c) => c,
): StripeAudit {
  const stripe = new StripeAudit(p, { from: 1, to: 4 }, CHUNKS);
  uploads.forEach(({ manifest, chunks }, upload) => {
    chunks.slice(1, 4).forEach((chunk, i) => stripe.add(manifest, change(upload, i + 1, chunk)));
    stripe.close(manifest, proofOf(upload, 1, 4));
  });
  return stripe;
}

describe('the audit of a stripe', () => {
  it('finds the sums of all uploads right', () => {
    const stripe = audit();
    for (const index of [1, 2, 3]) expect(() => stripe.compare(opener, index, plain(index))).not.toThrow();
  });

  it('objects to a single changed value, naming the chunk', () => {
    const stripe = audit();
    const wrong = plain(2);
    wrong[777] = (wrong[777] ?? 0) ^ 1;
    expect(() => stripe.compare(opener, 2, wrong)).toThrow(/AUDIT_FAILED.*chunk 2.*other values/);
    expect(() => stripe.compare(opener, 2, plain(1))).toThrow(/AUDIT_FAILED/);
  });

  it('objects to a sum that leaves out an upload that was accepted', () => {
    const stripe = audit();
    const left = uploads.slice(0, 2).map(({ chunks }) => unpackChunk(chunks[1] ?? new Uint8Array()));
    const without = Uint32Array.from(
      { length: PRIMES.length * N },
      (_, i) => left.reduce((sum, part) => sum + (part[i] ?? 0), 0) % (PRIMES[Math.floor(i / N)] ?? 1),
    );
    expect(() => stripe.compare(opener, 1, uint32ToBytes(without))).toThrow(
      /AUDIT_FAILED.*the sum of all uploads/,
    );
  });

  it('objects to a chunk that its contributor did not sign, naming the contributor', () => {
    const swapped = (upload: number, index: number, chunk: Uint8Array) =>
      upload === 1 && index === 3 ? testChunk(9, 3) : chunk;
    expect(() => audit(swapped)).toThrow(/AUDIT_FAILED.*chunks to 3 that org-2 signed, in chunk 1/);
    const elsewhere = (upload: number, index: number, chunk: Uint8Array) =>
      upload === 2 ? (uploads[2]?.chunks[index - 1] ?? chunk) : chunk;
    expect(() => audit(elsewhere)).toThrow(/AUDIT_FAILED.*org-3/);
  });

  it('objects to what is no chunk, to too many and to too few', () => {
    expect(() => audit((_u, _i, chunk) => chunk.subarray(1))).toThrow(
      /AUDIT_FAILED.*a chunk of org-1, in chunk 1/,
    );
    expect(() => audit((_u, _i, chunk) => chunk.slice().fill(255))).toThrow(/AUDIT_FAILED.*ENCODING_INVALID/);
    const stripe = new StripeAudit(p, { from: 0, to: 2 }, CHUNKS);
    const { manifest, chunks } = uploads[0] ?? expect.fail();
    stripe.add(manifest, chunks[0] ?? new Uint8Array());
    expect(() => stripe.close(manifest, proofOf(0, 0, 1))).toThrow(/AUDIT_FAILED/);
    stripe.add(manifest, chunks[1] ?? new Uint8Array());
    expect(() => stripe.add(manifest, chunks[2] ?? new Uint8Array())).toThrow(/AUDIT_FAILED/);
  });

  it('objects where the sum does not open', () => {
    const failing: SumOpener = {
      ...opener,
      openChunk: () => {
        throw new Error('noise');
      },
    };
    expect(() => audit().compare(failing, 1, plain(1))).toThrow(/AUDIT_FAILED.*opens with the key/);
    expect(() => audit().compare(opener, 4, plain(4))).toThrow(/AUDIT_FAILED/);
  });
});

describe('what an auditor fetches', () => {
  it('is every chunk of the range of every upload once, in stripes, with a proof for each run', () => {
    const range = fc.tuple(
      fc.nat(400),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 5 }),
      fc.nat(9),
    );
    fc.assert(
      fc.property(range, ([from, length, contributors, after]) => {
        const to = from + length;
        const stripes = auditStripes({ from, to });
        expect(stripes[0]?.from).toBe(from);
        expect(stripes.at(-1)?.to).toBe(to);
        const chunks = to + after;
        const parts = [...auditParts({ from, to }, contributors, chunks)];
        expect(parts).toHaveLength(stripes.length * contributors);
        const sizes = parts.map((part) => part.to - part.from);
        expect(sizes.reduce((a, b) => a + b)).toBe(length * contributors);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(AUDIT_STRIPE);
        const hashes = parts.reduce((sum, part) => sum + part.proof, 0);
        expect(auditBytes({ from, to }, contributors, chunks)).toBe(
          length * contributors * CHUNK_BYTES + 32 * hashes,
        );
      }),
    );
  });
});
