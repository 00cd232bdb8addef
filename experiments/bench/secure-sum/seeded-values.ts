import { SeededStream } from '../../../models/seeded-stream.ts';

/**
 * A member's update as training leaves one: sums of four uniform numbers, near zero most of the time. Seeded, so every
 * system of one run, and every run, gets the same.
 */
export function seededUpdate(length: number, member: number): Float32Array {
  const stream = SeededStream.fromNumber(0x5ec0de + member);
  const update = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    update[i] = (stream.nextUnit() + stream.nextUnit() + stream.nextUnit() + stream.nextUnit() - 2) / 1000;
  }
  return update;
}

/** Values of 16 bits, uniform: the same vector for every system that sums whole numbers. */
export function seededValues(length: number, member: number): Uint32Array {
  const stream = SeededStream.fromNumber(0xba5e + member);
  return Uint32Array.from({ length }, () => stream.nextUint32() >>> 16);
}

/** What the sum must be. */
export function plainSum(vectors: readonly Uint32Array[]): Uint32Array {
  const sum = new Uint32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) {
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (vector[i] ?? 0);
  }
  return sum;
}

/** @throws Error naming the system and the first index that differs */
export function assertSum(system: string, sum: ArrayLike<number>, expected: Uint32Array): void {
  const at = expected.findIndex((value, i) => sum[i] !== value);
  if (at < 0 && sum.length === expected.length) return;
  throw new Error(
    `${system}: the opened sum is ${sum[at]} instead of ${expected[at]} at ${at} of ${expected.length}, ${sum.length} values`,
  );
}
