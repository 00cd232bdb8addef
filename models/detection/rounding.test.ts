import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantise, sumOfSquares } from '../../test/reference-kernels.ts';
import { SeededStream } from '../seeded-stream.ts';
import { type RoundingBits, RoundedUpdate } from './rounding.ts';

const BLOCK = 24_576;

/** Numbers that stand at their places, whoever asks for them and how. */
function bitsOf(seed: number, length: number): { all: Uint32Array; bits: RoundingBits } {
  const stream = SeededStream.fromNumber(seed);
  const all = Uint32Array.from({ length }, () => stream.nextUint32());
  return {
    all,
    bits: {
      fill(draw, from, out) {
        expect(from % 4).toBe(0);
        for (let i = 0; i < out.length; i++) out[i] = (all[from + i] ?? 0) + draw;
      },
    },
  };
}

const lengths = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.constantFrom(BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 3),
);
const updates = fc.record({
  length: lengths,
  seed: fc.nat(),
  size: fc.constantFrom(1e-30, 1e-3, 1, 3000, 40_000),
  factor: fc.constantFrom(0.37, 1, 32767, 1e-5),
});

function updateOf(length: number, seed: number, size: number): Float32Array {
  const stream = SeededStream.fromNumber(seed + 1);
  return Float32Array.from({ length }, (_, i) => (i % 7 === 0 ? 0 : (stream.nextUnit() * 2 - 1) * size));
}

test('norms, values and saturation are bit for bit those of the plain version, for any length', () => {
  fc.assert(
    fc.property(updates, ({ length, seed, size, factor }) => {
      const delta = updateOf(length, seed, size);
      const { all, bits } = bitsOf(seed, length);
      const update = new RoundedUpdate(delta, bits, { clipNorm: 1, bits: 16 });
      let squares = 0;
      for (let from = 0; from < length; from += BLOCK) {
        squares += sumOfSquares(delta.subarray(from, from + BLOCK));
      }
      expect(update.norm()).toBe(Math.sqrt(squares));
      const plain = quantise(delta, all, factor, 32768);
      const rounded = update.rounded(0, factor);
      expect(rounded.saturated).toBe(plain.saturated);
      // Squares of whole numbers add up exactly in any order below 2^53, which a clipped update never reaches.
      if (plain.squares < 2 ** 53) expect(rounded.norm).toBe(Math.sqrt(plain.squares));
      else expect(rounded.norm / Math.sqrt(plain.squares)).toBeCloseTo(1, 12);
      expect(Array.from(update.read(0, factor, 0, length))).toEqual(plain.values);
    }),
    { numRuns: 40 },
  );
});

test('any part reads as that part of the whole, and again after other parts', () => {
  const length = 2 * BLOCK + 11;
  const { bits } = bitsOf(3, length);
  const update = new RoundedUpdate(updateOf(length, 3, 10), bits, { clipNorm: 1, bits: 16 });
  const whole = update.read(1, 7.3, 0, length).slice();
  const part = fc.tuple(fc.nat(length - 1), fc.oneof(fc.nat(40), fc.nat(length)));
  fc.assert(
    fc.property(part, ([from, wanted]) => {
      const count = Math.min(wanted, length - from);
      expect(update.read(1, 7.3, from, count)).toEqual(whole.subarray(from, from + count));
    }),
    { numRuns: 60 },
  );
});

test('the ends of the range: what is rounded beyond them is cut and counted', () => {
  const delta = Float32Array.from([32766.5, 32767.5, -32768, -32768.5, -32769.5, 1e30, -1e30, -0]);
  const down: RoundingBits = {
    fill: (_draw, _from, out) => {
      out.fill(2 ** 32 - 1);
    },
  };
  const update = new RoundedUpdate(delta, down, { clipNorm: 1, bits: 16 });
  expect(update.rounded(0, 1).saturated).toBe(4);
  expect(Array.from(update.read(0, 1, 0, 8))).toEqual([65534, 65535, 0, 0, 0, 65535, 0, 32768]);
});

test('one value that is not finite, wherever it stands, makes the norm not finite', () => {
  const { bits } = bitsOf(1, 2 * BLOCK);
  for (const at of [0, 5, BLOCK - 1, BLOCK, BLOCK + 2]) {
    for (const value of [NaN, Infinity, -Infinity]) {
      const delta = new Float32Array(BLOCK + 3);
      delta[at] = value;
      expect(Number.isFinite(new RoundedUpdate(delta, bits, { clipNorm: 1, bits: 16 }).norm())).toBe(false);
    }
  }
  const greatest = new Float32Array(BLOCK).fill(3.4e38);
  expect(Number.isFinite(new RoundedUpdate(greatest, bits, { clipNorm: 1, bits: 16 }).norm())).toBe(true);
});

test('erased, nothing of the update is left in the memory of the kernels', () => {
  const delta = updateOf(100, 4, 5);
  const { bits } = bitsOf(4, 100);
  const update = new RoundedUpdate(delta, bits, { clipNorm: 1, bits: 16 });
  const values = update.read(0, 9, 0, 100);
  const memory = new Float32Array(values.buffer);
  const seen = (): boolean => memory.some((value) => value !== 0 && value === delta[1]);
  expect(seen()).toBe(true);
  expect(values.some((value) => value !== 0)).toBe(true);
  update.erase();
  expect(seen()).toBe(false);
  expect(values.every((value) => value === 0)).toBe(true);
});
