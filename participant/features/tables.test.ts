import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FingerprintTable } from './fingerprint-table.ts';
import { NodeTable } from './node-table.ts';
import { PairTable } from './pair-table.ts';

describe('bounded tables', () => {
  test('PairTable agrees with a Map, on both sides, exactly within its limit and by its sketch beyond', () => {
    const visits = fc.array(fc.tuple(fc.integer({ min: 1, max: 10 }), fc.nat(24), fc.nat(1)), {
      maxLength: 500,
      size: 'max',
    });
    fc.assert(
      fc.property(visits, fc.constantFrom(160, 5000), (list, limit) => {
        const table = new PairTable(limit, 2);
        const map = new Map<string, { total: number; time: number }>();
        list.forEach(([high, low, side], now) => {
          // By chance too many keys of one block: the tests below are about that.
          if (table.forgotten > 0) return;
          const key = `${high},${low},${side}`;
          const want = map.get(key) ?? { total: 0, time: 0 };
          const at = table.enter(high, low, now);
          const which = side === 0 ? 0 : 1;
          expect(table.total(at, which)).toBe(want.total);
          // Hours of a sketch are single precision.
          if (want.total > 0) expect(table.time(at, which)).toBeCloseTo(want.time, 3);
          table.count(at, which, now);
          map.set(key, { total: want.total + 1, time: now });
          table.makeRoom();
          expect(table.size).toBeLessThanOrEqual(limit);
        });
        expect(table.total(table.look(11, 1, 0), 0)).toBe(0);
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  test('PairTable takes an entry that goes back in time, and keeps the pairs seen last exactly', () => {
    const table = new PairTable(8);
    for (let i = 1; i <= 100; i++) {
      table.count(table.enter(i, 1, 1000 + i / 3), 0, 1000 + i / 3);
      table.makeRoom();
    }
    expect(table.evictions).toBeGreaterThan(0);
    expect(table.forgotten).toBeGreaterThan(0);
    expect(table.time(table.look(100, 1, 0), 0)).toBe(1000 + 100 / 3);
    expect(table.total(table.look(1, 1, 0), 0)).toBe(0);
    const at = table.enter(100, 1, 5);
    table.count(at, 0, 5);
    expect([table.total(at, 0), table.time(at, 0)]).toEqual([2, 1000 + 100 / 3]);
  });

  test('NodeTable gives a name its number again, as long as its sketch has room', () => {
    const table = new NodeTable({ width: 3, times: 2, words: 1 }, 100);
    const numbers = new Map<string, number>();
    for (let i = 0; i < 5000; i++) {
      const name = `n${(i * 7 + (i >> 6)) % 150}`;
      const slot = table.enter(name, i);
      const number = table.numbers[slot] ?? 0;
      expect(numbers.get(name) ?? number).toBe(number);
      numbers.set(name, number);
      table.data[slot * 3] = i;
      table.data[slot * 3 + 1] = i - 0.5;
      table.makeRoom();
      expect(table.size).toBeLessThanOrEqual(100);
    }
    expect(new Set(numbers.values()).size).toBe(numbers.size);
    expect(table.evictions).toBeGreaterThan(0);
    const slot = table.look('n1', 0);
    expect(table.data[slot * 3 + 1]).toBeCloseTo((table.data[slot * 3] ?? 0) - 0.5, 4);
    expect(table.numbers[table.look('never', 1)]).toBe(0);
  });

  test('FingerprintTable: the share of absent keys taken for present ones is within its bound', () => {
    const table = new FingerprintTable(1, 100_000);
    for (let i = 1; i <= 100_000; i++) table.put(i, 0, i, Uint32Array.of(i));
    let wrong = 0;
    for (let i = 1; i <= 2_000_000; i++) if (table.find(i, 1) >= 0) wrong++;
    // 2,000,000 x 16 / 2^32 = .0075 expected at most; that two are seen has a probability of 3 in 100,000.
    expect(wrong).toBeLessThan(2);
  });

  test('FingerprintTable: half full it keeps all but one in 1,000, full the newer nine tenths', () => {
    const kept = (rows: number): number => {
      const table = new FingerprintTable(1, 100_000);
      for (let i = 1; i <= rows; i++) table.put(i, 7, i, Uint32Array.of(i));
      let found = 0;
      for (let i = 1; i <= rows; i++) {
        const place = table.find(i, 7);
        if (place >= 0 && table.words[place] === i && table.time(place) === i) found++;
      }
      expect(rows - found).toBe(table.forgotten);
      return found / rows;
    };
    expect(kept(50_000)).toBeGreaterThan(0.999);
    expect(kept(100_000)).toBeGreaterThan(0.89);
    expect(kept(300_000) * 300_000).toBeLessThanOrEqual(100_000);
  });

  test('FingerprintTable holds the same whatever the order in which rows came', () => {
    const rows = fc.uniqueArray(fc.nat(1000), { maxLength: 200 });
    fc.assert(
      fc.property(rows, (list) => {
        const [there, back] = [new FingerprintTable(1, 32), new FingerprintTable(1, 32)];
        // The first row sets the clock from which times are kept.
        for (const table of [there, back]) table.put(5000, 5000, 0, Uint32Array.of(0));
        for (const i of list) there.put(i, 1, i % 10, Uint32Array.of(i));
        for (const i of list.toReversed()) back.put(i, 1, i % 10, Uint32Array.of(i));
        for (const i of list) expect(there.find(i, 1) < 0).toBe(back.find(i, 1) < 0);
      }),
    );
  });
});
