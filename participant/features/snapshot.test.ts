import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logon } from '../../test/auth-event.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { FeatureExtractor } from './extractor.ts';
import type { HistoryLimits } from './history.ts';

const { events } = syntheticSite({ seed: 4, people: 60, servers: 12, days: 6, campaigns: 3 });
/** Small enough that everything is also in sketches, and that the sketches forget. */
const SMALL: HistoryLimits = { hosts: 16, accounts: 16, pairs: 40 };
const ROOMY: HistoryLimits = { hosts: 500, accounts: 500, pairs: 5000 };

function rowsOf(extractor: FeatureExtractor, from: number): string[] {
  return events.slice(from).map((event) => {
    const row = extractor.push(event);
    return row === null ? '' : Buffer.from(row.buffer).toString('base64');
  });
}

describe('a snapshot of the history', () => {
  test.each([
    ['within the limits', ROOMY],
    ['beyond them', SMALL],
  ])('goes on with the same rows, bit for bit, wherever it is made: %s', (_, limits) => {
    const whole = rowsOf(new FeatureExtractor(limits), 0);
    fc.assert(
      fc.property(fc.nat({ max: events.length }), (cut) => {
        const first = new FeatureExtractor(limits);
        for (const event of events.slice(0, cut)) first.push(event);
        const second = FeatureExtractor.restore(first.snapshot(), limits);
        const third = FeatureExtractor.restore(second.snapshot(), limits);
        expect(rowsOf(second, cut)).toEqual(whole.slice(cut));
        expect(rowsOf(third, cut)).toEqual(whole.slice(cut));
      }),
      { numRuns: 12 },
    );
  });

  test('two runs over the same events make the same bytes, and names of any characters survive', () => {
    const make = (): Uint8Array => {
      const extractor = new FeatureExtractor(SMALL);
      for (const event of events) extractor.push(event);
      extractor.push(logon(1e4, 'hôte\ud800', '', '日本@x'));
      return extractor.snapshot();
    };
    expect(Buffer.compare(make(), make())).toBe(0);
    const restored = FeatureExtractor.restore(make(), SMALL);
    expect(restored.peek(logon(1e4, 'hôte\ud800', '', '日本@x'))[0]).toBe(0);
    expect(restored.peek(logon(1e4, 'hôte', '', '日本@x'))[0]).toBe(1);
  });

  test('other limits, a cut and changed bytes are refused with what to do', () => {
    const extractor = new FeatureExtractor(SMALL);
    for (const event of events) extractor.push(event);
    const bytes = extractor.snapshot();
    expect(() => FeatureExtractor.restore(bytes, ROOMY)).toThrow('limit of hosts from 500 to 500');
    const refused = expect.objectContaining({
      code: 'ENCODING_INVALID',
      next: expect.stringContaining('built again from the logs'),
    });
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] ?? 0) ^ change;
        expect(() => FeatureExtractor.restore(damaged, SMALL)).toThrow(refused);
        expect(() => FeatureExtractor.restore(bytes.subarray(0, at), SMALL)).toThrow(refused);
      }),
      { numRuns: 50 },
    );
  });

  test('a restored extractor has the width that is asked for', () => {
    const bytes = new FeatureExtractor(SMALL).snapshot();
    expect(FeatureExtractor.restore(bytes, SMALL, 40).peek(logon(1, 'a', 'b'))).toHaveLength(40);
  });
});
