import { describe, expect, it } from 'vitest';
import { DayBuffer, MALICIOUS, SUCCESS } from '../log/day-buffer.ts';
import { addAttacks } from './label-collisions.ts';

const LAST = 86_399;

describe('labels', () => {
  it('join no ordinary event: one at the same second with the same names is moved to the nearest free second', () => {
    const day = new DayBuffer();
    const ordinary = [
      [100, 1, 2, 3],
      [100, 9, 2, 3],
      [LAST, 1, 2, 3],
      [0, 1, 2, 3],
    ] as const;
    for (const [second, account, src, dst] of ordinary) day.add(second, account, 7, src, dst, SUCCESS);
    const attack = (second: number) => ({
      time: 86_400 + second,
      account: 1,
      src: 2,
      dst: 3,
      kind: 1,
      success: true,
    });
    addAttacks([attack(100), attack(101), attack(LAST), attack(0), attack(1)], 1, day);
    expect([...day.second.subarray(0, 4)]).toEqual([99, 100, LAST - 1, 2]);
    expect([...day.what.subarray(4, 9)].every((what) => what === 1 + MALICIOUS + SUCCESS)).toBe(true);
    expect([...day.second.subarray(4, 9)]).toEqual([100, 101, LAST, 0, 1]);
  });
});
