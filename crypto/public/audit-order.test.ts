import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { auditDuty, auditOrder, auditSegments, joined } from './audit-order.ts';
import { toHex } from './encoding.ts';

const ids = (n: number) => Array.from({ length: n }, (_, i) => `org-${i + 1}`);
const hashOf = (seed: number) => toHex(p.sha256(Uint8Array.of(seed, seed >> 8, seed >> 16)));

describe('the order of the auditors', () => {
  it('holds every member once, is the same for everybody and another one for another transcript', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 1024 }), fc.nat(2 ** 24 - 2), (n, seed) => {
        const order = auditOrder(p, hashOf(seed), ids(n));
        expect(order.toSorted()).toEqual(ids(n).toSorted());
        expect(auditOrder(p, hashOf(seed), ids(n))).toEqual(order);
        if (n > 20) expect(auditOrder(p, hashOf(seed + 1), ids(n))).not.toEqual(order);
      }),
      { numRuns: 50 },
    );
  });

  it('has no favourites: all 24 orders of four members come up alike in 12,000 transcripts', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 12_000; seed++) {
      const order = auditOrder(p, hashOf(seed), ids(4)).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0);
    // 23 degrees of freedom: above 55 with probability 2e-4, and the transcripts are fixed.
    expect(chi).toBeLessThan(55);
  });

  it('draws again where a number would be biased: the words of a bound that does not divide 2^32 are rejected', () => {
    // A stream whose first word is in the biased rest for three members, and whose second is not.
    const words = [0xffffffff, 0, 1];
    const rigged = {
      ...p,
      aes256ctr: (_key: Uint8Array, _iv: Uint8Array, length: number) => {
        const bytes = new Uint8Array(length);
        words.forEach((word, i) => new DataView(bytes.buffer).setUint32(4 * i, word, true));
        return bytes;
      },
    };
    // 0xffffffff % 3 = 0 would be taken without rejection; the next word, 0, swaps the last with the first.
    expect(auditOrder(rigged, hashOf(1), ['a', 'b', 'c'])).toEqual(['c', 'b', 'a']);
  });
});

const setting = fc
  .record({
    n: fc.integer({ min: 3, max: 60 }),
    chunks: fc.integer({ min: 1, max: 400 }),
    seed: fc.nat(65_535),
  })
  .chain(({ n, chunks, seed }) =>
    fc.record({
      n: fc.constant(n),
      chunks: fc.constant(chunks),
      seed: fc.constant(seed),
      needed: fc.integer({ min: 2, max: n }),
    }),
  );

describe('who audits what', () => {
  it('segments are contiguous, none is empty, sizes differ by one at most', () => {
    fc.assert(
      fc.property(setting, ({ n, chunks }) => {
        const segments = auditSegments(n, chunks);
        expect(segments).toHaveLength(Math.min(n, chunks));
        expect(joined(segments)).toEqual([{ from: 0, to: chunks }]);
        const sizes = segments.map(({ from, to }) => to - from);
        expect(Math.min(...sizes)).toBeGreaterThan(0);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('every chunk has exactly as many different members as are needed, each with at most two ranges', () => {
    fc.assert(
      fc.property(setting, ({ n, chunks, seed, needed }) => {
        const order = auditOrder(p, hashOf(seed), ids(n));
        const auditors = Array.from({ length: chunks }, (): string[] => []);
        for (const member of order) {
          const duty = auditDuty(order, chunks, needed, member);
          expect(duty.length).toBeLessThanOrEqual(2);
          for (const { from, to } of duty)
            for (let chunk = from; chunk < to; chunk++) auditors[chunk]?.push(member);
        }
        const right = auditors.filter((list) => list.length === needed && new Set(list).size === needed);
        expect(right).toHaveLength(chunks);
      }),
    );
  });

  it('is spread evenly: nobody audits more than its share of the segments', () => {
    fc.assert(
      fc.property(setting, ({ n, chunks, seed, needed }) => {
        const order = auditOrder(p, hashOf(seed), ids(n));
        const load = order.map((member) =>
          auditDuty(order, chunks, needed, member).reduce((sum, { from, to }) => sum + to - from, 0),
        );
        expect(load.reduce((a, b) => a + b, 0)).toBe(needed * chunks);
        const largest = Math.ceil(chunks / Math.min(n, chunks));
        expect(Math.max(...load)).toBeLessThanOrEqual(needed * largest);
        if (chunks >= n) expect(Math.min(...load)).toBeGreaterThanOrEqual(needed * Math.floor(chunks / n));
      }),
    );
  });

  it('a stranger has nothing to audit', () => {
    expect(auditDuty(ids(4), 9, 2, 'stranger')).toEqual([]);
  });
});
