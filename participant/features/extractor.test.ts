import { logon } from '../../test/auth-event.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FEATURE_SETS } from '../../models/detection/feature-sets.ts';
import { SeededStream } from '../../models/seeded-stream.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { AT, EDGE_V1, type FeatureName } from './edge-v1.ts';
import { FeatureExtractor } from './extractor.ts';

function named(row: Float32Array | null, name: FeatureName): number {
  return row?.[AT[name]] ?? NaN;
}

const { events } = syntheticSite({ seed: 3, people: 30, servers: 8, days: 4, campaigns: 2 });

describe('edge-v1', () => {
  test('the table describes as many features as the models expect, each once', () => {
    expect(EDGE_V1).toHaveLength(FEATURE_SETS['edge-v1']);
    expect(new Set(EDGE_V1.map(({ name }) => name)).size).toBe(EDGE_V1.length);
  });

  test('every value is finite and within the range that the table gives', () => {
    const extractor = new FeatureExtractor();
    for (const event of events) {
      extractor.push(event)?.forEach((value, i) => {
        const { name, range } = EDGE_V1[i] ?? { name: '?', range: [0, 0] };
        expect(value, name).toBeGreaterThanOrEqual(range[0]);
        expect(value, name).toBeLessThanOrEqual(range[1]);
      });
    }
  });

  test('nothing depends on names: renaming every host and account gives the same rows', () => {
    const rename = (e: AuthEvent): AuthEvent => ({
      ...e,
      srcHost: `x-${e.srcHost}`,
      dstHost: `x-${e.dstHost}`,
      srcAccount: `x-${e.srcAccount}`,
      dstAccount: `x-${e.dstAccount}`,
    });
    const [a, b] = [new FeatureExtractor(), new FeatureExtractor()];
    for (const event of events) expect(b.push(rename(event))).toEqual(a.push(event));
  });

  test('a row comes from history strictly before its event: what follows cannot change it', () => {
    const rows = (list: AuthEvent[]): (Float32Array | undefined)[] => {
      const extractor = new FeatureExtractor();
      return list.map((event) => extractor.push(event)?.slice());
    };
    const whole = rows(events);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: events.length }), (cut) => {
        expect(rows(events.slice(0, cut))[cut - 1]).toEqual(whole[cut - 1]);
      }),
      { numRuns: 10 },
    );
  });

  test('looking at other events in between changes nothing', () => {
    const [plain, watched] = [new FeatureExtractor(), new FeatureExtractor()];
    const stream = SeededStream.fromNumber(1);
    for (const event of events) {
      watched.peek({ ...event, dstHost: `s${stream.nextBelow(9)}`, srcAccount: 'nobody' });
      const want = plain.push(event)?.slice();
      expect(watched.push(event) ?? undefined).toEqual(want);
    }
  });

  test('logoffs are not scored but count as history', () => {
    const extractor = new FeatureExtractor();
    expect(extractor.push(logon(1, 'a', 'b', 'ann@x', { action: 'LogOff' }))).toBeNull();
    expect(named(extractor.push(logon(2, 'a', 'b')), 'edgeNew')).toBe(0);
  });

  test('novelty, age, bursts, failures and pivots say what they are named after', () => {
    const extractor = new FeatureExtractor();
    const first = extractor.push(logon(1, 'a', 'b'));
    const novel: FeatureName[] = ['edgeNew', 'accountDestinationNew', 'accountSourceNew'];
    expect(novel.map((name) => named(first, name))).toEqual([1, 1, 1]);
    const again = extractor.push(logon(2, 'a', 'b'));
    expect(named(again, 'edgeNew')).toBe(0);
    expect(named(again, 'edgeAge')).toBeCloseTo(Math.log(2) / 2, 6);
    for (let i = 0; i < 5; i++) extractor.push(logon(3, 'a', `n${i}`, 'ann@x', { success: false }));
    const burst = extractor.push(logon(3, 'a', 'c'))?.slice() ?? null;
    expect(named(burst, 'sourceNewBurst')).toBeGreaterThan(Math.log1p(5));
    expect(named(burst, 'accountFailures')).toBeCloseTo(Math.log1p(5), 5);
    expect(named(extractor.peek(logon(4, 'a', 'd')), 'accountFailures')).toBeCloseTo(Math.log1p(2.5), 5);
    expect(named(extractor.peek(logon(3, 'c', 'd')), 'pivot')).toBeCloseTo(Math.log(2), 5);
    expect(named(extractor.peek(logon(3, 'c', 'c')), 'local')).toBe(1);
    expect(named(extractor.peek(logon(3, 'c', 'b', 'pc7$@x')), 'automatic')).toBe(1);
    expect(
      named(extractor.peek(logon(3, 'a', 'b', 'ann@x', { srcAccount: 'bob@x' })), 'accountsDiffer'),
    ).toBe(1);
  });

  test('an account seen only by day is surprising at night, a kind never used before too', () => {
    const extractor = new FeatureExtractor();
    for (let day = 0; day < 20; day++) extractor.push(logon(day * 24 + 10, 'a', 'b'));
    expect(named(extractor.peek(logon(490, 'a', 'b')), 'hourSurprise')).toBeLessThan(0);
    expect(named(extractor.peek(logon(483, 'a', 'b')), 'hourSurprise')).toBeGreaterThan(1);
    const usual = named(extractor.peek(logon(490, 'a', 'b')), 'kindSurpriseAccount');
    const ntlm = named(
      extractor.peek(logon(490, 'a', 'b', 'ann@x', { protocol: 'NTLM' })),
      'kindSurpriseAccount',
    );
    expect(ntlm).toBeGreaterThan(usual + 1);
  });

  test('a wider row begins with edge-v1 and leaves the other columns to the caller', () => {
    const wide = new FeatureExtractor(undefined, EDGE_V1.length + 2);
    const plain = new FeatureExtractor();
    for (const event of events.slice(0, 300)) {
      const row = wide.push(event);
      expect(row?.slice(0, EDGE_V1.length)).toEqual(plain.push(event) ?? undefined);
      row?.fill(7, EDGE_V1.length);
    }
    const row = wide.peek(logon(1, 'a', 'b'));
    expect(row).toHaveLength(EDGE_V1.length + 2);
    expect(Array.from(row.subarray(EDGE_V1.length))).toEqual([7, 7]);
  });

  test('an event out of order is taken without NaN', () => {
    const extractor = new FeatureExtractor();
    extractor.push(logon(10, 'a', 'b'));
    extractor.push(logon(1, 'a', 'b'));
    const row = extractor.push(logon(11, 'a', 'b'));
    expect(row?.every(Number.isFinite)).toBe(true);
    expect(named(row, 'edgeAge')).toBeCloseTo(Math.log(2) / 2, 6);
  });
});
