import fc from 'fast-check';
import { expect, test } from 'vitest';
import { updateInPieces } from './apply-update.ts';
import { edgeScorerModel } from './edge-scorer.ts';
import { quantiserOffset, quantiserScale } from './quantiser.ts';

const shape = edgeScorerModel({ kind: 'edge-scorer', features: 'edge-v1', inputs: 400, hidden: 60 });
const BLOCK = 16_384;

const updates = fc.record({
  length: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constantFrom(BLOCK - 1, BLOCK, BLOCK + 1)),
  members: fc.integer({ min: 1, max: 1024 }),
  bits: fc.constantFrom(2, 13, 16, 22),
  clipNorm: fc.constantFrom(1e-3, 0.7, 1, 3, 1e6),
  weights: fc.array(fc.float({ noNaN: true, min: Math.fround(-1e30), max: Math.fround(1e30) }), {
    minLength: 5,
    maxLength: 40,
  }),
  sums: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 40 }),
});

test('next weights are bit for bit w + (sum - members * offset) / (scale * members) in float64, rounded once, for any length', () => {
  fc.assert(
    fc.property(updates, ({ length, members, bits, clipNorm, weights, sums }) => {
      const quantiser = { clipNorm, bits };
      const most = members * (2 ** bits - 1);
      const w = Float32Array.from({ length }, (_, i) => weights[i % weights.length] ?? 0);
      const sum = Uint32Array.from({ length }, (_, i) => Math.round((sums[i % sums.length] ?? 0) * most));
      const next = new Float32Array(length);
      updateInPieces(shape, members, quantiser)(w, sum, next, 0);
      const shift = members * quantiserOffset(quantiser);
      const divisor = quantiserScale(quantiser) * members;
      const plain = Float32Array.from(w, (v, i) => v + ((sum[i] ?? 0) - shift) / divisor);
      expect(Buffer.from(next.buffer).equals(Buffer.from(plain.buffer))).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('a sum out of reach and a result that is not finite are named with their places, in every piece', () => {
  const quantiser = { clipNorm: 1, bits: 16 };
  const piece = (at: number, value: number, weight = 0): (() => void) => {
    const update = updateInPieces(shape, 3, quantiser);
    const weights = new Float32Array(BLOCK + 7);
    const sum = new Uint32Array(BLOCK + 7);
    [weights[at], sum[at]] = [weight, value];
    return () => {
      update(weights, sum, new Float32Array(BLOCK + 7), 10);
    };
  };
  for (const at of [0, 3, BLOCK - 1, BLOCK, BLOCK + 6]) {
    expect(piece(at, 3 * 65535)).not.toThrow();
    expect(piece(at, 3 * 65535 + 1)).toThrow(
      new RegExp(`VALUE_OUT_OF_RANGE.*196605 \\(3 values of 16 bits\\).* index ${at + 10}`),
    );
    expect(piece(at, 0, Infinity)).toThrow(new RegExp(`NOT_FINITE.*Infinity at W1\\[${at + 10}\\]`));
    expect(piece(at, 0, NaN)).toThrow(/NOT_FINITE/);
  }
  expect(piece(1, 3 * 65535, 3.4028235e38)).not.toThrow(); // the sum is below half a step of the greatest float
});
