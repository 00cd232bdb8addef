import { describe, expect, it } from 'vitest';
import { TimeLeft } from './time-left.ts';

describe('the time left', () => {
  it('is unknown until a step of every kind was done, then what the steps left took before', async () => {
    let now = 0;
    const left = new TimeLeft(['world', 'train', 'world', 'train', 'world', 'train'], () => now);
    const step = (kind: string, ms: number) => left.step(kind, () => Promise.resolve((now += ms)));
    await step('world', 1000);
    expect([left.ms, left.text]).toEqual([null, '']);
    await step('train', 60_000);
    expect(left.ms).toBe(122_000);
    expect(left.text).toBe(' (about 2 min left)');
    await step('world', 3000);
    expect(left.ms).toBe(122_000);
    await step('train', 20_000);
    expect(left.text).toBe(' (about 42 s left)');
    await step('world', 2000);
    await step('train', 40_000);
    expect(left.text).toBe('');
  });
});
