import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { BLOCKING_BYTES, mayBlock } from './blocking.ts';

beforeEach(() => nextTurn());

describe('what may block', () => {
  it('is small, and in one turn of the event loop at most 1 MB and 256 calls in all', async () => {
    expect(mayBlock(BLOCKING_BYTES + 1)).toBe(false);
    let [calls, moved] = [0, 0];
    while (mayBlock(60_000)) moved += 60_000;
    expect(moved).toBeGreaterThan(900_000);
    expect(moved).toBeLessThanOrEqual(1024 * 1024);
    await nextTurn();
    while (mayBlock(0)) calls += 1;
    expect(calls).toBe(256);
    await nextTurn();
    expect(mayBlock(BLOCKING_BYTES)).toBe(true);
  });
});
