import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AUTH_ACTIONS,
  AUTH_PROTOCOLS,
  LOGON_TYPES,
  type AuthEvent,
} from '../../protocol/events/canonical.ts';
import { SeededStream } from '../../models/seeded-stream.ts';
import { logon } from '../../test/auth-event.ts';
import { PlainExtractor } from '../../test/plain-extractor.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { AT, EDGE_V1 } from './edge-v1.ts';
import { FeatureExtractor } from './extractor.ts';

/** Few names, many kinds, times that also go back: everything meets everything. */
const event = fc
  .record({
    hours: fc.oneof(fc.nat({ max: 5 }), fc.double({ min: -100, max: 900, noNaN: true })),
    srcHost: fc.constantFrom('', 'a', 'b', 'c', 'd'),
    dstHost: fc.constantFrom('', 'a', 'b', 'c', 'd', 'e'),
    srcAccount: fc.constantFrom('', 'ann@x', 'pc7$@x', 'system'),
    dstAccount: fc.constantFrom('', 'ann@x', 'bob@x', 'pc7$@x'),
    protocol: fc.constantFrom(...AUTH_PROTOCOLS),
    logonType: fc.constantFrom(...LOGON_TYPES),
    action: fc.constantFrom(...AUTH_ACTIONS),
    success: fc.boolean(),
  })
  .map(({ hours, srcHost, dstHost, ...rest }) => logon(hours, srcHost, dstHost, '', rest));

const step = fc.tuple(event, fc.boolean());

function bits(row: Float32Array | null): string | null {
  return row === null ? null : Buffer.from(row.buffer, row.byteOffset, 4 * EDGE_V1.length).toString('hex');
}

describe('the extractor and the plain version of edge-v1', () => {
  test('agree bit for bit on random streams of events and looks, out of order too', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
        const [fast, plain] = [new FeatureExtractor(), new PlainExtractor()];
        for (const [one, keep] of steps) {
          if (keep) expect(bits(fast.push(one))).toBe(bits(plain.push(one)));
          else expect(bits(fast.peek(one))).toBe(bits(plain.peek(one)));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('agree bit for bit over a site of 300 people, while every table grows', () => {
    const { events } = syntheticSite({ seed: 9, people: 300, servers: 40, days: 12, campaigns: 5 });
    const [fast, plain] = [new FeatureExtractor(), new PlainExtractor()];
    expect(events.length).toBeGreaterThan(20_000);
    for (const one of events) expect(bits(fast.push(one))).toBe(bits(plain.push(one)));
  });
});

/** A site whose past is far longer than its tables: a few hosts are always in use, the others come back after weeks. */
function longPast(count: number): AuthEvent[] {
  const stream = SeededStream.fromNumber(5);
  return Array.from({ length: count }, (_, i) => {
    const busy = stream.nextBelow(4) > 0;
    const host = (): string => (busy ? `b${stream.nextBelow(15)}` : `r${stream.nextBelow(150)}`);
    const account = `u${stream.nextBelow(busy ? 10 : 100)}@x`;
    return logon(i / 50, host(), host(), account, { success: stream.nextBelow(30) > 0 });
  });
}

describe('beyond the limits', () => {
  const events = longPast(12_000);
  const limits = { hosts: 120, accounts: 80, pairs: 4000 };
  const novel = [AT.edgeNew, AT.accountDestinationNew, AT.accountSourceNew];

  test('novelty stays that of an unbounded history, the other features stay within .001', () => {
    const [fast, plain] = [new FeatureExtractor(limits), new PlainExtractor()];
    let seen = 0;
    for (const one of events) {
      const want = plain.push(one);
      const got = fast.push(one);
      if (want === null || got === null) throw new Error('not scored');
      for (const at of novel) {
        expect(got[at]).toBe(want[at]);
        seen += 1 - (want[at] ?? 0);
      }
      expect(Math.max(...got.map((value, at) => Math.abs(value - (want[at] ?? NaN))))).toBeLessThan(0.001);
    }
    expect(seen).toBeGreaterThan(10_000);
  });

  test('without room even in the sketch what is oldest counts as new again, and memory does not grow', () => {
    const tiny = new FeatureExtractor({ hosts: 4, accounts: 4, pairs: 4 });
    const plain = new PlainExtractor();
    let forgotten = 0;
    for (const one of events) {
      const [got, want] = [tiny.push(one), plain.push(one)];
      if (got?.[AT.edgeNew] === 1 && want?.[AT.edgeNew] === 0) forgotten++;
      expect(got?.every(Number.isFinite)).toBe(true);
    }
    expect(forgotten).toBeGreaterThan(events.length / 2);
    expect(tiny.snapshot().length).toBeLessThan(30_000);
  });

  test('the same events give the same rows, whatever was looked at in between', () => {
    const [once, again] = [new FeatureExtractor(limits), new FeatureExtractor(limits)];
    for (const [i, one] of events.entries()) {
      const other = events[(i * 7919) % events.length];
      if (other) again.peek({ ...other, dstHost: `x${i}` });
      const row = bits(again.peek(one));
      expect(bits(once.push(one))).toBe(row);
      expect(bits(again.push(one))).toBe(row);
    }
  });
});
