import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AUTH_ACTIONS,
  AUTH_PROTOCOLS,
  LOGON_TYPES,
  type CanonicalEvent,
} from '../../protocol/events/canonical.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { TwinGraph } from './twin-graph.ts';
import type { TwinLimits } from './twin-state.ts';

const source = { dataset: 'test', record: 1, uid: '' };
const time = fc.oneof(
  fc.integer({ min: -1e12, max: 2e12 }),
  fc.double({ min: 0, max: 1e12, noNaN: true }),
  fc.constantFrom(0, -0),
);
const host = fc.constantFrom('', 'a', 'b', 'dc.corp', '10.0.0.7', '8.8.8.8', 'h\ud800', '__proto__', '17');
const account = fc.constantFrom('', 'ann@corp', 'a$@corp', 'svc', 'system@a', 'x'.repeat(600));
const many = fc.constantFrom(null, 0, 5, 2 ** 52, 1.5);
const event: fc.Arbitrary<CanonicalEvent> = fc.oneof(
  fc.record({
    type: fc.constant('auth' as const),
    time,
    srcHost: host,
    dstHost: host,
    srcAccount: account,
    dstAccount: account,
    protocol: fc.constantFrom(...AUTH_PROTOCOLS),
    logonType: fc.constantFrom(...LOGON_TYPES),
    action: fc.constantFrom(...AUTH_ACTIONS),
    success: fc.boolean(),
    source: fc.constant(source),
  }),
  fc.record({
    type: fc.constant('process' as const),
    time,
    host,
    account,
    image: fc.nat(400).map((n) => `C:\\Windows\\P${n}.exe`),
    parentImage: fc.constant(''),
    action: fc.constantFrom('Start' as const, 'End' as const),
    source: fc.constant(source),
  }),
  fc.record({
    type: fc.constant('flow' as const),
    time,
    srcHost: host,
    dstHost: host,
    srcPort: fc.constant(50_000),
    dstPort: fc.constantFrom(88, 445, 3389, 12_345),
    transport: fc.constant('tcp' as const),
    image: fc.constant(''),
    service: fc.constantFrom('', 'smb', 'gssapi,smb'),
    operation: fc.constant(''),
    durationMs: many,
    bytesOut: many,
    bytesIn: many,
    packets: many,
    source: fc.constant(source),
  }),
  fc.record({
    type: fc.constant('dns' as const),
    time,
    host,
    query: fc.string(),
    source: fc.constant(source),
  }),
  fc.record({
    type: fc.constant('detection' as const),
    time,
    srcHost: host,
    dstHost: host,
    account,
    technique: fc.constant('T1021'),
    label: fc.constant(''),
    source: fc.constant(source),
  }),
);

function twinOf(events: readonly CanonicalEvent[], limits?: TwinLimits): TwinGraph {
  const twin = new TwinGraph(limits === undefined ? {} : { limits });
  for (const one of events) twin.apply(one);
  return twin;
}

describe('a snapshot', () => {
  test('has the same bytes whatever the order of the events', () => {
    fc.assert(
      fc.property(
        fc
          .array(event, { maxLength: 200 })
          .chain((events) =>
            fc.tuple(
              fc.constant(events),
              fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
            ),
          ),
        ([events, shuffled]) => {
          expect(Buffer.compare(twinOf(events).snapshot(), twinOf(shuffled).snapshot())).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('has the same bytes in any order also where hosts run more images than are kept', () => {
    const starts = Array.from({ length: 3000 }, (_, i): CanonicalEvent => {
      const image = `C:\\p${(i * 37) % 400}.exe`;
      return {
        type: 'process',
        time: i,
        host: `h${i % 5}`,
        account: '',
        image,
        parentImage: '',
        action: 'Start',
        source,
      };
    });
    const limits = {
      hosts: 50,
      accounts: 50,
      accountEdges: 50,
      hostEdges: 50,
      networkEdges: 50,
      images: 300,
    };
    const forward = twinOf(starts, limits);
    expect(Buffer.compare(forward.snapshot(), twinOf(starts.toReversed(), limits).snapshot())).toBe(0);
    const counts = [0, 1, 2, 3, 4].map((n) => forward.host(`h${n}`)?.images ?? []);
    expect(counts.map((images) => images.length)).toEqual([32, 32, 32, 32, 32]);
    for (const [file, count] of counts.flat()) {
      // What is kept is exact.
      const all = starts.filter((one) => one.type === 'process' && one.image === `C:\\${file}`);
      expect(all.length / 5 <= count && count <= all.length).toBe(true);
    }
  });

  test('brings back the same twin, which goes on as the first one would', () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 120 }),
        fc.array(event, { maxLength: 60 }),
        (before, after) => {
          const twin = twinOf(before);
          const back = TwinGraph.restore(twin.snapshot());
          expect(back.sizes()).toEqual(twin.sizes());
          for (const one of after) {
            twin.apply(one);
            back.apply(one);
          }
          expect(Buffer.compare(back.snapshot(), twin.snapshot())).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('comes back also after nodes and edges were forgotten', () => {
    const { events } = syntheticSite({ seed: 3, people: 40, servers: 9, days: 3, campaigns: 1 });
    const limits = { hosts: 20, accounts: 18, accountEdges: 60, hostEdges: 40, networkEdges: 8, images: 8 };
    const twin = twinOf(events, limits);
    expect(twin.sizes().forgotten.hosts).toBeGreaterThan(0);
    const bytes = twin.snapshot();
    expect(Buffer.compare(TwinGraph.restore(bytes).snapshot(), bytes)).toBe(0);
  });

  test('that is cut, changed or put together wrongly is refused with one code', () => {
    const { events } = syntheticSite({ seed: 4, people: 3, servers: 2, days: 1, campaigns: 0 });
    const bytes = twinOf(events.slice(0, 20)).snapshot();
    const refused = expect.objectContaining({ code: 'ENCODING_INVALID' });
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => TwinGraph.restore(bytes.subarray(0, length))).toThrow(refused);
    }
    for (let at = 0; at < bytes.length; at += 3) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x20;
      expect(() => TwinGraph.restore(changed)).toThrow(refused);
    }
  });
});
