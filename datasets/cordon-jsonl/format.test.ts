import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AUTH_ACTIONS,
  AUTH_PROTOCOLS,
  LOGON_TYPES,
  type CanonicalEvent,
} from '../../protocol/events/canonical.ts';
import { collect, temporaryFolder } from '../fixtures/collect.ts';
import { eventProblem } from './schema.ts';
import { formatEvent, writeEvents } from './write.ts';

const text = fc.string({ unit: 'binary', maxLength: 12 });
const amount = fc.option(fc.nat());
const common = {
  time: fc.double({ noNaN: true, noDefaultInfinity: true }).map((time) => (Object.is(time, -0) ? 0 : time)),
  source: fc.record({ dataset: text, record: fc.nat(), uid: text }),
};
const event: fc.Arbitrary<CanonicalEvent> = fc.oneof(
  fc.record({
    ...common,
    type: fc.constant('auth' as const),
    srcHost: text,
    dstHost: text,
    srcAccount: text,
    dstAccount: text,
    protocol: fc.constantFrom(...AUTH_PROTOCOLS),
    logonType: fc.constantFrom(...LOGON_TYPES),
    action: fc.constantFrom(...AUTH_ACTIONS),
    success: fc.boolean(),
  }),
  fc.record({
    ...common,
    type: fc.constant('process' as const),
    host: text,
    account: text,
    image: text,
    parentImage: text,
    action: fc.constantFrom('Start' as const, 'End' as const),
  }),
  fc.record({
    ...common,
    type: fc.constant('flow' as const),
    srcHost: text,
    dstHost: text,
    srcPort: fc.nat(65535),
    dstPort: fc.nat(65535),
    transport: fc.constantFrom('tcp' as const, 'udp' as const, 'other' as const),
    image: text,
    service: text,
    operation: text,
    durationMs: amount,
    bytesOut: amount,
    bytesIn: amount,
    packets: amount,
  }),
  fc.record({ ...common, type: fc.constant('dns' as const), host: text, query: text }),
  fc.record({
    ...common,
    type: fc.constant('detection' as const),
    srcHost: text,
    dstHost: text,
    account: text,
    technique: text,
    label: text,
  }),
);

describe('cordon-jsonl', () => {
  it('gives back every event exactly as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        async (events, packed) => {
          using folder = temporaryFolder();
          const path = folder.path(packed ? 'events.jsonl.gz' : 'events.jsonl');
          expect(await writeEvents(path, [events.slice(0, 3), events.slice(3)])).toBe(events.length);
          // A lone surrogate cannot be written as UTF-8; JSON escapes it, so it survives too.
          expect((await collect(path)).events).toEqual(events);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('refuses missing, wrong and unknown fields', () => {
    const good = {
      type: 'detection',
      time: 1,
      srcHost: 'a',
      dstHost: 'b',
      account: 'c',
      technique: '',
      label: '',
      source: { dataset: 'd', record: 1, uid: '' },
    };
    expect(eventProblem(good)).toBeNull();
    expect(eventProblem({ ...good, time: null })).toContain('time');
    expect(eventProblem({ ...good, extra: 1 })).toContain('extra');
    expect(eventProblem({ ...good, type: 'toString' })).toContain('type');
    expect(eventProblem({ ...good, source: { dataset: 'd', record: 1.5, uid: '' } })).toContain('source');
  });

  it('leaves nothing behind when the events end in an error', async () => {
    using folder = temporaryFolder();
    const path = folder.path('events.jsonl');
    // eslint-disable-next-line require-yield
    async function* broken(): AsyncGenerator<CanonicalEvent[]> {
      throw new Error('no more');
    }
    await expect(writeEvents(path, broken())).rejects.toThrow('no more');
    expect(existsSync(path) || existsSync(`${path}.tmp`)).toBe(false);
  });

  it('counts a line of another shape as a reject', async () => {
    using folder = temporaryFolder();
    const good: CanonicalEvent = {
      type: 'detection',
      time: 1,
      srcHost: 'a',
      dstHost: 'b',
      account: 'c',
      technique: '',
      label: '',
      source: { dataset: 'd', record: 1, uid: '' },
    };
    writeFileSync(folder.path('x'), `${formatEvent(good)}{"type":"auth"}\n[]\n{`);
    const { stats } = await collect(folder.path('x'));
    expect(stats).toMatchObject({ events: 1, rejects: 3 });
    expect(readFileSync(folder.path('x'), 'utf8').split('\n')).toHaveLength(4);
  });
});
