import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FEATURE_SETS } from '../../models/detection/feature-sets.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { HOUR_MS, logon } from '../../test/sketch-task.ts';
import { DELAY, type Seen, answer, bookOf } from '../../test/stored-answers.ts';
import type { StoredAnswer } from '../analytics/stored-answer.ts';
import { FEDERATION_SENTENCES } from '../train/sentences.ts';
import { EDGE_V1 } from './edge-v1.ts';
import { EDGE_V2_LENGTH, FEDERATION, FEDERATION_AT, FederatedExtractor, edgeV1Extractor } from './edge-v2.ts';

const ann = { account: 'ann@x', source: 'desk' };
const at = FEDERATION_AT;
const federationOf = (row: Float32Array | null) => [...(row?.slice(EDGE_V1.length) ?? [])];

describe('edge-v2', () => {
  it('has the columns of edge-v1 first, the same values, and as many behind them as the table of feature sets says', () => {
    expect(EDGE_V2_LENGTH).toBe(FEATURE_SETS['edge-v2']);
    const [one, two] = [edgeV1Extractor(), new FederatedExtractor(bookOf([answer(0, [ann])]))];
    for (let i = 0; i < 50; i++) {
      const event = logon(i * 700_000, `u${i % 7}@x`, `h${i % 5}`, `d${i % 3}`, i % 4 > 0);
      const peeked = two.peek(event).slice(0, EDGE_V1.length);
      expect(peeked).toEqual(one.peek(event).slice());
      expect(two.push(event)?.slice(0, EDGE_V1.length)).toEqual(one.push(event)?.slice());
    }
  });

  it('is neutral where there is no answer, and every column stays within its range', () => {
    const row = new FederatedExtractor(bookOf()).push(logon(5, 'ann@x', 'desk'));
    expect(federationOf(row)).toEqual([4, ...Array.from({ length: FEDERATION.length - 1 }, () => 0)]);
    const many = answer(0, [{ ...ann, members: 1000, failures: 5000, fresh: 5000 }]);
    const full = new FederatedExtractor(bookOf([many])).push(logon(2 * HOUR_MS, 'ann@x', 'desk'));
    FEDERATION.forEach(({ name, range }) => {
      expect(full?.[at[name]]).toBeGreaterThanOrEqual(range[0]);
      expect(full?.[at[name]]).toBeLessThanOrEqual(range[1]);
    });
  });

  it("takes off what is this member's own, and knows new from seen", () => {
    const book = bookOf([
      answer(0, [{ ...ann, members: 3, failures: 6, fresh: 4 }], {}, [{ ...ann, failures: 2, fresh: 4 }]),
    ]);
    const row = new FederatedExtractor(book).push(logon(HOUR_MS + DELAY + 1, 'ann@x', 'desk'));
    expect(row?.[at.accountOthers]).toBeCloseTo(Math.log1p(2), 5);
    expect(row?.[at.accountFailuresOthers]).toBeCloseTo(Math.log1p(4), 5);
    expect(row?.[at.accountBurstOthers]).toBe(0);
    expect([row?.[at.accountFederationNew], row?.[at.pairFederationNew]]).toEqual([0, 0]);
    const alone = bookOf([answer(0, [ann], {}, [ann])]);
    const own = new FederatedExtractor(alone).push(logon(HOUR_MS + DELAY + 1, 'ann@x', 'desk'));
    expect([own?.[at.accountOthers], own?.[at.accountFederationNew]]).toEqual([0, 1]);
  });

  it('fades with a half-life of six hours, keeps what was ever seen, and tells the age of the newest answer', () => {
    const extractor = new FederatedExtractor(bookOf([answer(0, [{ ...ann, members: 3, failures: 8 }])]));
    const first = HOUR_MS + DELAY;
    const later = extractor.push(logon(first + 6 * HOUR_MS, 'ann@x', 'desk'));
    expect(later?.[at.accountOthers]).toBeCloseTo(Math.log1p(1.5), 5);
    expect(later?.[at.sourceFailuresOthers]).toBeCloseTo(Math.log1p(4), 5);
    expect(later?.[at.federationAge]).toBeCloseTo(Math.log1p(6 + DELAY / HOUR_MS) / 2, 5);
    const muchLater = extractor.push(logon(first + 1000 * HOUR_MS, 'ann@x', 'desk'));
    expect(muchLater?.[at.accountOthers]).toBeCloseTo(0, 3);
    expect(muchLater?.[at.accountFederationNew]).toBe(0);
  });

  it('joins runs under different keys, and passes over answers whose key is gone', () => {
    const other = { keyHash: '2'.repeat(64), run: 'run-fedcba9876543210' };
    const book = bookOf([
      answer(0, [{ ...ann, members: 2 }]),
      answer(1, [{ account: 'bob@x', source: 'desk', members: 4 }], other),
      answer(2, [{ ...ann, members: 9 }], { keyHash: '3'.repeat(64) }),
    ]);
    const extractor = new FederatedExtractor(book);
    const time = 4 * HOUR_MS;
    const annRow = extractor.push(logon(time, 'ann@x', 'desk'))?.slice();
    const bobRow = extractor.push(logon(time, 'bob@x', 'desk'))?.slice();
    expect(annRow?.[at.accountFederationNew]).toBe(0);
    expect(bobRow?.[at.accountFederationNew]).toBe(0);
    expect(bobRow?.[at.accountOthers]).toBeGreaterThan(annRow?.[at.accountOthers] ?? 9);
    expect(annRow?.[at.accountOthers]).toBeLessThan(Math.log1p(2));
  });

  it('with noise takes the lower median of the rows: one row cannot make a name seen', () => {
    const clean = answer(0, [{ ...ann, members: 3 }], { noisy: true });
    const oneRow = clean.cells.filter((_, i) => Math.floor((clean.cells[i - (i % 2)] ?? 0) / 1024) % 3 === 0);
    const row = new FederatedExtractor(bookOf([{ ...clean, cells: oneRow }])).push(
      logon(2 * HOUR_MS, 'ann@x', 'desk'),
    );
    expect([row?.[at.accountOthers], row?.[at.accountFederationNew]]).toEqual([0, 1]);
    const whole = new FederatedExtractor(bookOf([clean])).push(logon(2 * HOUR_MS, 'ann@x', 'desk'));
    expect(whole?.[at.accountFederationNew]).toBe(0);
  });

  it('has words for every column but the age', () => {
    expect(Object.keys(FEDERATION_SENTENCES)).toEqual(FEDERATION.map(({ name }) => name));
    const silent = Object.entries(FEDERATION_SENTENCES).filter(([, { high }]) => high === undefined);
    expect(silent.map(([name]) => name)).toEqual(['federationAge']);
  });
});

describe('batch and live', () => {
  /** Events up to four minutes out of order, some of which ask for no access. */
  const events = (seed: number): AuthEvent[] => {
    let state = seed;
    const next = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
    return Array.from({ length: 400 }, (_, i) => {
      const event = logon(
        i * 60_000 + next(240_000),
        `u${next(6)}@x`,
        `h${next(4)}`,
        `d${next(5)}`,
        next(5) > 0,
      );
      return next(6) === 0 ? { ...event, action: 'LogOff' as const } : event;
    });
  };
  const someone = (hour: number): Seen[] => [
    { account: `u${hour % 6}@x`, source: `h${hour % 4}`, members: 1 + (hour % 4), failures: hour, fresh: 1 },
  ];

  it('give the same rows event for event, wherever in the stream the answers came in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.array(fc.integer({ min: 0, max: 399 }), { minLength: 6, maxLength: 6 }),
        (seed, arrivals) => {
          const stream = events(seed);
          const order = arrivals.toSorted((a, b) => a - b);
          // Live: an answer comes in between two events, not before its period is over, and is stored with its time.
          const stored: StoredAnswer[] = [];
          const book = bookOf();
          const live = new FederatedExtractor(book);
          let newest = 0;
          const liveRows = stream.map((event, i) => {
            order.forEach((arrival, hour) => {
              if (arrival !== i) return;
              const one = answer(hour, someone(hour));
              const visible = { ...one, visibleFrom: Math.max(one.visibleFrom, newest) };
              stored.push(visible);
              book.add(visible);
            });
            newest = Math.max(newest, event.time);
            return live.push(event)?.slice() ?? null;
          });
          // Batch: all of them are there from the beginning, in any order.
          const batch = new FederatedExtractor(bookOf(stored.toReversed()));
          const batchRows = stream.map((event) => batch.push(event)?.slice() ?? null);
          expect(batchRows).toEqual(liveRows);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('would differ if answers became visible for events of the same moment', () => {
    const one = { ...answer(0, [ann]), visibleFrom: 5 * HOUR_MS };
    const extractor = new FederatedExtractor(bookOf([one]));
    expect(extractor.push(logon(5 * HOUR_MS, 'ann@x', 'desk'))?.[at.accountOthers]).toBe(0);
    expect(extractor.push(logon(5 * HOUR_MS + 1, 'ann@x', 'desk'))?.[at.accountOthers]).toBeGreaterThan(0);
    // Out of order, but not before what has been seen: still visible.
    expect(extractor.push(logon(5 * HOUR_MS - 1, 'ann@x', 'desk'))?.[at.accountOthers]).toBeGreaterThan(0);
  });
});
