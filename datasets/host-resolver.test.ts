import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../protocol/events/canonical.ts';
import { collect, fixture } from './fixtures/collect.ts';
import { HostBook } from './host-book.ts';
import type { AddressFact, StreamItem } from './host-facts.ts';
import { HostResolver } from './host-resolver.ts';
import { openParts } from './input/parts.ts';
import { sinkInto } from './item-sink.ts';
import { partSettings, readPart } from './read-part.ts';
import { emptyStats } from './stats.ts';

const logon = (srcHost: string, dstHost: string): CanonicalEvent => ({
  type: 'auth',
  time: 0,
  srcHost,
  dstHost,
  srcAccount: '',
  dstAccount: '',
  protocol: 'Kerberos',
  logonType: 'Network',
  action: 'LogOn',
  success: true,
  source: { dataset: 'test', record: 1, uid: '' },
});
const fact = (address: string, host: string, network = 'east.test'): AddressFact => ({
  type: 'address',
  time: 0,
  address,
  host,
  network,
});
const unresolved = (
  event: CanonicalEvent,
  network = 'east.test',
  names: { srcName?: string; dstName?: string } = {},
): StreamItem => ({ type: 'unresolved', event, naming: { network, ...names } });

function hosts(resolver: HostResolver, items: readonly StreamItem[]): string[] {
  return items.flatMap((item) => {
    const event = resolver.take(item);
    return event?.type === 'auth' ? [`${event.srcHost} ${event.dstHost}`] : [];
  });
}

describe('HostResolver', () => {
  it('names addresses by what was learnt before, in that network, and by later knowledge from then on', () => {
    const event = unresolved(logon('10.0.0.5', 'dc'));
    expect(
      hosts(new HostResolver(), [
        event,
        { type: 'recorder', time: 0, host: 'ws5.east.test' },
        { type: 'recorder', time: 0, host: 'dc.east.test' },
        fact('10.0.0.5', 'ws9', 'west.test'),
        event,
        fact('10.0.0.5', 'ws5'),
        event,
        fact('10.0.0.5', 'laptop'),
        event,
      ]),
    ).toEqual(['10.0.0.5 dc', '10.0.0.5 dc.east.test', 'ws5.east.test dc.east.test', 'laptop dc.east.test']);
  });

  it('takes a reported name only for an address of which nothing better is known', () => {
    const event = unresolved(logon('10.0.0.5', '10.0.0.6'), 'east.test', { srcName: 'said', dstName: '' });
    expect(hosts(new HostResolver(), [event, fact('10.0.0.5', 'known'), event])).toEqual([
      'said 10.0.0.6',
      'known 10.0.0.6',
    ]);
  });

  it('hands out an event with final names as it is, the same object', () => {
    const resolver = new HostResolver();
    resolver.take(fact('10.0.0.5', 'known', ''));
    const event = logon('10.0.0.5', 'a');
    expect(resolver.take(event)).toBe(event);
    const named = logon('b', 'a');
    expect(resolver.take(unresolved(named))).toBe(named);
  });

  it('goes on from a snapshot as if nothing had happened, wherever the stream is cut', () => {
    const name = fc.constantFrom('a', 'b', 'a.east.test', 'b.east.test', '10.0.0.1', '10.0.0.2');
    const item = fc.oneof(
      name.map((host): StreamItem => ({ type: 'recorder', time: 0, host })),
      fc.tuple(fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3'), name).map(([at, host]) => fact(at, host)),
      fc.tuple(name, name).map(([from, to]) => unresolved(logon(from, to))),
    );
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 40 }),
        fc.nat(40),
        fc.integer({ min: 1, max: 3 }),
        (items, at, size) => {
          const whole = hosts(new HostResolver(new HostBook(size)), items);
          const first = new HostResolver(new HostBook(size));
          const before = hosts(first, items.slice(0, at));
          const kept = JSON.stringify(first.book.snapshot());
          const book = HostBook.restore(JSON.parse(kept) as ReturnType<HostBook['snapshot']>, size);
          expect([...before, ...hosts(new HostResolver(book), items.slice(at))]).toEqual(whole);
        },
      ),
    );
  });
});

describe('readPart', () => {
  it('gives facts and events in their order, which a resolver makes the events of plain reading of', async () => {
    for (const name of ['windows-flat.jsonl', 'winlogbeat.jsonl', 'auth.txt']) {
      const stats = emptyStats();
      const items: StreamItem[] = [];
      let steps = 0;
      for await (const part of openParts(fixture(name))) {
        for await (const _ of readPart(part, stats, partSettings({}), sinkInto(items))) steps++;
      }
      expect(steps).toBeGreaterThan(0);
      const resolver = new HostResolver();
      const events = items.flatMap((item) => resolver.take(item) ?? []);
      const plain = await collect(fixture(name));
      expect(events).toEqual(plain.events);
      expect(stats).toEqual(plain.stats);
      expect(items.length > events.length, name).toBe(name !== 'auth.txt');
    }
  });
});
