import type { OwnCase } from '../measure.ts';

/** What it is all compared with: one member's float32 update added to a running sum in the clear, by a plain loop. */
export function floatSum(length: number): OwnCase {
  const update = Float32Array.from({ length }, (_, i) => (i % 2048) / 2048);
  const sum = new Float32Array(length);
  return {
    name: 'float.sum_ms',
    clock: 'cpu',
    per: 10,
    note: 'per member: a plain loop over Float32Array in JavaScript, nothing protected',
    before: () => void sum.fill(0),
    run: () => {
      for (let member = 0; member < 10; member++) {
        for (let i = 0; i < length; i++) sum[i] = (sum[i] ?? 0) + (update[i] ?? 0);
      }
    },
    after: () => {
      if (sum[length - 1] !== 10 * (update[length - 1] ?? 0)) throw new Error('float32 sum is wrong');
    },
  };
}
