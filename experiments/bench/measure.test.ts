import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type BenchCase, measure } from './measure.ts';

/** Keeps the processor busy for so many milliseconds of its time. */
function burn(ms: number): void {
  const start = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    if (user + system >= ms * 1000) return;
  }
}

describe('measuring', () => {
  const order = async (names: string[], runs: number, warmUp: number, fewer?: [string, number]) => {
    const seen: string[] = [];
    const cases = names.map((name): BenchCase => {
      const limit = fewer?.[0] === name ? { runs: fewer[1] } : {};
      return { name, clock: 'wall', ...limit, run: () => seen.push(name) };
    });
    const samples = await measure(cases, { runs, warmUp });
    return { seen: seen.join(''), samples };
  };

  it('goes in turns, each time starting with another case', async () => {
    const { seen } = await order(['a', 'b', 'c'], 3, 0);
    expect(seen).toBe('abcbcacab');
  });

  it('does not count the warm-up', async () => {
    const { seen, samples } = await order(['a', 'b'], 2, 3);
    expect(seen).toHaveLength(10);
    expect(samples.get('a')).toHaveLength(2);
  });

  it('runs what takes long fewer times', async () => {
    const { samples } = await order(['a', 'b'], 5, 1, ['b', 2]);
    expect([samples.get('a')?.length, samples.get('b')?.length]).toEqual([5, 2]);
  });

  it('tells processor time from time that only passes', async () => {
    const samples = await measure(
      [
        { name: 'sleeps', clock: 'cpu', run: () => wait(60) },
        { name: 'passes', clock: 'wall', run: () => wait(60) },
        { name: 'works', clock: 'cpu', run: () => burn(60) },
      ],
      { runs: 1, warmUp: 0 },
    );
    expect(samples.get('sleeps')?.[0]).toBeLessThan(30);
    expect(samples.get('passes')?.[0]).toBeGreaterThanOrEqual(55);
    expect(samples.get('works')?.[0]).toBeGreaterThanOrEqual(60);
  });

  it('divides by the units of work, and times neither preparation nor check', async () => {
    const samples = await measure(
      [
        {
          name: 'a',
          clock: 'cpu',
          per: 10,
          before: () => burn(40),
          run: () => burn(20),
          after: () => burn(40),
        },
      ],
      { runs: 1, warmUp: 0 },
    );
    expect(samples.get('a')?.[0]).toBeGreaterThanOrEqual(2);
    expect(samples.get('a')?.[0]).toBeLessThan(4);
  });

  it('ends with an error where a check fails', async () => {
    const wrong = () => {
      throw new Error('the sum is wrong');
    };
    await expect(
      measure([{ name: 'a', clock: 'cpu', run: () => 0, after: wrong }], { runs: 1, warmUp: 0 }),
    ).rejects.toThrow('the sum is wrong');
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const cases: BenchCase[] = [{ name: 'a', clock: 'cpu', run: () => stop.abort() }];
    await expect(measure(cases, { runs: 2, warmUp: 0, signal: stop.signal })).rejects.toThrow(/abort/i);
  });
});
