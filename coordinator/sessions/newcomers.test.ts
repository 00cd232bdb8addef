import { describe, expect, it } from 'vitest';
import { Newcomers } from './newcomers.ts';
import { TokenBucket } from './token-bucket.ts';

function pool(limits = { total: 4, perAddress: 3 }) {
  const evicted: string[] = [];
  const newcomers = new Newcomers<{ name: string }>(limits, ({ name }) => evicted.push(name));
  return { newcomers, evicted };
}

describe('connections that have not proved who they are', () => {
  it('the oldest makes room for the newest, and nobody is turned away', () => {
    const { newcomers, evicted } = pool();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) newcomers.add({ name }, name);
    expect(evicted).toEqual(['a', 'b']);
    expect(newcomers.size).toBe(4);
  });

  it('one address pushes out its own before it touches those of others', () => {
    const { newcomers, evicted } = pool();
    newcomers.add({ name: 'other' }, '10.0.0.1');
    for (const name of ['a', 'b', 'c', 'd', 'e']) newcomers.add({ name }, '10.0.0.2');
    expect(evicted).toEqual(['a', 'b']);
  });

  it('whoever has proved itself is out of reach and takes no place', () => {
    const { newcomers, evicted } = pool();
    const proven = { name: 'proven' };
    newcomers.add(proven, 'x');
    newcomers.delete(proven);
    newcomers.delete(proven);
    for (const name of ['a', 'b', 'c', 'd']) newcomers.add({ name }, name);
    expect(evicted).toEqual([]);
  });
});

describe('the token bucket', () => {
  it('lets the burst through at once, the rate in the long run, and saves up no more than the burst', () => {
    let now = 0;
    const bucket = new TokenBucket({ rate: 20, burst: 100 }, () => now);
    const taken = (times: number) =>
      Array.from({ length: times }, () => bucket.take()).filter(Boolean).length;
    expect(taken(150)).toBe(100);
    now = 1000;
    expect(taken(150)).toBe(20);
    for (let i = 0; i < 100; i++) {
      now += 50;
      expect(bucket.take()).toBe(true);
    }
    now += 3_600_000;
    expect(taken(1000)).toBe(100);
  });
});
