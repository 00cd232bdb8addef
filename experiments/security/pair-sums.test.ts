import { expect, test } from 'vitest';
import { SeededStream } from '../../models/seeded-stream.ts';
import { narrowestDeviation, secretDeviation, unknownBits } from './pair-sums.ts';

test('the unknown bits of a coefficient are a distribution, and leave a variance of 41/4 in the mean', () => {
  const weights = unknownBits();
  expect(weights).toHaveLength(83);
  expect(weights.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  expect(weights.reduce((sum, p, r) => sum + (p * r) / 4, 0)).toBeCloseTo(41 / 4, 10);
});

test('the geometric mean of a deviation is below its root mean square, by little', () => {
  expect(secretDeviation()).toBeLessThan(Math.sqrt(41 / 4));
  expect(secretDeviation()).toBeGreaterThan(3.17);
});

test('all errors together have the mean variance, the narrowest a smaller one, none the least there is', () => {
  expect(narrowestDeviation(1e7, 1e7)).toBeCloseTo(Math.sqrt(41 / 4), 6);
  const narrow = narrowestDeviation(4500, 33_000_000);
  expect(narrow).toBeLessThan(2.5);
  expect(narrow).toBeGreaterThan(2.3);
  // drawn: of ten thousand coefficients the hundred with the fewest ones
  const stream = SeededStream.fromNumber(1);
  const ones = () => Array.from({ length: 82 }, () => stream.nextBelow(2)).filter((bit) => bit === 1).length;
  const counts = Array.from({ length: 10_000 }, ones).sort((a, b) => a - b);
  const drawn = Math.sqrt(counts.slice(0, 100).reduce((sum, r) => sum + r / 4, 0) / 100);
  expect(narrowestDeviation(100, 10_000)).toBeCloseTo(drawn, 1);
});
