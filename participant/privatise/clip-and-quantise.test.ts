import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { applyUpdate } from '../../models/detection/apply-update.ts';
import { edgeScorerModel } from '../../models/detection/edge-scorer.ts';
import { quantiserOffset, quantiserScale } from '../../models/detection/quantiser.ts';
import { RoundedUpdate } from '../../models/detection/rounding.ts';
import { SeededStream } from '../../models/seeded-stream.ts';
import { CordonError } from '../../protocol/errors.ts';
import { labelledSeed } from '../train/seeded-stream.ts';
import { clipAndQuantise, roundedNormBound } from './clip-and-quantise.ts';
import { roundingBits } from './rounding-bits.ts';

const shape = edgeScorerModel({ kind: 'edge-scorer', features: 'edge-v1', inputs: 4, hidden: 3 });
const { length } = shape;
const quantiser = { clipNorm: 1, bits: 16 };

function update(seed: number, size: number): Float32Array {
  const stream = SeededStream.fromNumber(seed);
  return Float32Array.from({ length }, () => (stream.nextUnit() * 2 - 1) * size);
}

const bitsOf = (...labels: (string | number)[]) => roundingBits(labelledSeed(...labels));

/** All values of a quantised update. */
function quantised(...parameters: Parameters<typeof clipAndQuantise>): Uint32Array {
  const { values } = clipAndQuantise(...parameters);
  return values.read(0, values.length).slice();
}

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof CordonError ? `${error.code}: ${error.got}` : 'another error';
  }
  return 'none';
}

test('every value fits its bits, the norm stays within the bound, and nothing saturates below the clip', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 1e-6, max: 100, noNaN: true }), (seed, size) => {
      const delta = update(seed, size);
      const { values, norm, clippedBy, saturated } = clipAndQuantise(shape, delta, quantiser, bitsOf(seed));
      let square = 0;
      for (const value of values.read(0, length)) {
        expect(value).toBeLessThan(2 ** 16);
        square += (value - quantiserOffset(quantiser)) ** 2;
      }
      expect(Math.sqrt(square)).toBeLessThanOrEqual(roundedNormBound(quantiserScale(quantiser), length));
      expect(saturated).toBe(0);
      expect(clippedBy).toBeCloseTo(Math.min(1, 1 / norm), 12);
    }),
  );
});

test('rounding is unbiased: the mean over many draws is the update', () => {
  const coarse = { clipNorm: 4, bits: 5 };
  const delta = update(1, 0.5);
  const total = new Float64Array(length);
  const draws = 2000;
  for (let i = 0; i < draws; i++) {
    const values = quantised(shape, delta, coarse, bitsOf('unbiased', i));
    values.forEach((value, j) => {
      total[j] = (total[j] ?? 0) + value - quantiserOffset(coarse);
    });
  }
  // One draw has a standard deviation of at most 1/2, the mean of 2,000 one of 0.0112: five of them.
  total.forEach((sum, j) => {
    expect(Math.abs(sum / draws - (delta[j] ?? 0) * quantiserScale(coarse))).toBeLessThan(0.056);
  });
});

test('the same seed gives the same values, and a sum of members comes back as the mean of their updates', () => {
  const members = [1, 2, 3].map((seed) => update(seed, 0.1));
  const sum = new Uint32Array(length);
  members.forEach((delta, i) => {
    const once = quantised(shape, delta, quantiser, bitsOf('m', i));
    expect(quantised(shape, delta, quantiser, bitsOf('m', i))).toEqual(once);
    once.forEach((value, j) => {
      sum[j] = (sum[j] ?? 0) + value;
    });
  });
  const next = applyUpdate(shape, new Float32Array(length), sum, 3, quantiser);
  next.forEach((value, j) => {
    const mean = members.reduce((total, delta) => total + (delta[j] ?? 0) / 3, 0);
    expect(Math.abs(value - mean)).toBeLessThanOrEqual(1 / quantiserScale(quantiser));
  });
});

test('one coordinate that holds the whole norm reaches the end of the range without passing it', () => {
  for (const sign of [1, -1]) {
    const delta = new Float32Array(length);
    delta[3] = sign * 50;
    const { values, saturated } = clipAndQuantise(shape, delta, quantiser, bitsOf('end'));
    expect((values.read(3, 1)[0] ?? 0) - 32768).toBe(sign * 32767);
    expect(saturated).toBe(0);
  }
});

test('NaN and infinity are refused with tensor and index, another length with both lengths', () => {
  const delta = update(1, 1);
  delta[4 * 3 + 1] = NaN;
  expect(code(() => clipAndQuantise(shape, delta, quantiser, bitsOf(1)))).toBe('NOT_FINITE: NaN at b1[1]');
  delta[4 * 3 + 1] = 0;
  delta[0] = -Infinity;
  expect(code(() => clipAndQuantise(shape, delta, quantiser, bitsOf(1)))).toBe(
    'NOT_FINITE: -Infinity at W1[0]',
  );
  expect(code(() => clipAndQuantise(shape, delta.subarray(1), quantiser, bitsOf(1)))).toBe(
    `SHAPE_MISMATCH: ${length - 1}`,
  );
});

test('a rounding whose norm is beyond the bound is drawn again, and the values are those of the draw that was kept', () => {
  // Every coordinate has 0.26 after its point at the clip norm: all of them rounded up make a vector that is too long.
  const delta = new Float32Array(length).fill(32767 / Math.sqrt(length));
  const below = Math.floor(delta[0] ?? 0);
  expect((below + 1) * Math.sqrt(length)).toBeGreaterThan(roundedNormBound(32767, length));
  const draws = new Set<number>();
  const stubborn = {
    fill(draw: number, _from: number, out: Uint32Array) {
      draws.add(draw);
      out.fill(draw < 3 ? 0 : 2 ** 32 - 1);
    },
    erase: () => undefined,
  };
  const unit = { clipNorm: 32767, bits: 16 };
  const { values, redrawn } = clipAndQuantise(shape, delta, unit, stubborn);
  expect(redrawn).toBe(3);
  expect(Array.from(values.read(0, length))).toEqual(Array(length).fill(32768 + below));
  expect([...draws]).toEqual([0, 1, 2, 3]);
});

test('after it was erased an update cannot be read', () => {
  const { values } = clipAndQuantise(shape, update(1, 1), quantiser, bitsOf(1));
  const first = values.read(0, length);
  values.erase();
  expect(first.every((value) => value === 0)).toBe(true);
  expect(() => values.read(0, length)).toThrow(/erased/);
});

test('an update that is refused leaves neither its values nor its seed in memory', () => {
  const erased = vi.spyOn(RoundedUpdate.prototype, 'erase');
  const [delta, bits] = [update(1, 1).fill(NaN, 3, 4), bitsOf('refused')];
  expect(code(() => clipAndQuantise(shape, delta, quantiser, bits))).toMatch(/^NOT_FINITE/);
  expect(erased).toHaveBeenCalledOnce();
  expect(() => bits.fill(0, 0, new Uint32Array(4))).toThrow();
  erased.mockRestore();
});
