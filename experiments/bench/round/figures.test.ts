import { expect, test } from 'vitest';
import { figuresOf } from './figures.ts';

const size = { prefix: 'x.', rounds: 4, hidden: 8, batch: 16 };
const pair = (encrypted: number, plaintext: number, cpu: number | null = 1) => ({
  encrypted: { wall: encrypted, cpu: cpu === null ? null : 2 * encrypted },
  plaintext: { wall: plaintext, cpu: cpu === null ? null : plaintext },
});

test('a ratio is the median of those of each pair, not the ratio of the medians', () => {
  const { ratios } = figuresOf(size, [pair(2, 1), pair(9, 3), pair(10, 4)], 5);
  expect(ratios).toEqual([
    { name: 'x.encrypted/plaintext.wall', value: 2.5 },
    { name: 'x.encrypted/plaintext.cpu', value: 5 },
  ]);
});

test('what encryption takes more is given in milliseconds a member and round', () => {
  const { rows } = figuresOf(size, [pair(2, 1)], 5);
  // (4 s - 1 s) over 4 rounds of 5 members
  expect(rows.find(({ name }) => name === 'x.encryption.cpu_ms')?.median).toBe(150);
});

test('where processor time cannot be read, its rows are skipped with the reason', () => {
  const { rows, ratios, skipped } = figuresOf(size, [pair(2, 1, null)], 5);
  expect(rows.map(({ name }) => name)).toEqual(['x.encrypted.wall_s', 'x.plaintext.wall_s']);
  expect(ratios.map(({ name }) => name)).toEqual(['x.encrypted/plaintext.wall']);
  expect(skipped.map(({ name }) => name)).toEqual(['x.encrypted.cpu_s', 'x.plaintext.cpu_s']);
});
