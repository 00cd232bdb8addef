import { expect, test } from 'vitest';
import { syntheticSite } from '../../test/synthetic-site.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { TwinGraph } from './twin-graph.ts';

const { events } = syntheticSite({ seed: 5, people: 20, servers: 5, days: 3, campaigns: 1 });

test('an event becomes its hosts, account and edges with first, last and counts', () => {
  const twin = new TwinGraph();
  const event: AuthEvent = {
    type: 'auth',
    time: 5000,
    srcHost: 'a',
    dstHost: 'b',
    srcAccount: 'ann@x',
    dstAccount: 'svc@x',
    protocol: 'NTLM',
    logonType: 'Network',
    action: 'LogOn',
    success: false,
    source: { dataset: 'test', record: 1, uid: '' },
  };
  twin.apply(event);
  twin.apply({ ...event, time: 3000, success: true, protocol: 'Kerberos' });
  expect(twin.sizes()).toEqual({
    hosts: 2,
    accounts: 2,
    accountEdges: 1,
    hostEdges: 1,
    events: 2,
    authentications: 2,
    first: 3000,
    last: 5000,
  });
  expect(twin.accountAt('svc@x', 'b')).toEqual({
    kind: 'account-host',
    first: 3000,
    last: 5000,
    events: 2,
    failures: 1,
    protocols: { NTLM: 1, Kerberos: 1 },
  });
  expect(twin.hostTo('a', 'b')).toMatchObject({ kind: 'host-host', events: 2 });
  expect(twin.hostTo('b', 'a')).toBeNull();
  expect(twin.host('a')).toMatchObject({ first: 3000, last: 5000, events: 2 });
});

test('logoffs and nameless ends make no edges', () => {
  const twin = new TwinGraph();
  const [event] = events;
  if (event === undefined) throw new Error('no events');
  twin.apply({ ...event, srcHost: 'a', dstHost: 'b', action: 'LogOff' });
  twin.apply({ ...event, srcHost: '', dstHost: 'b', srcAccount: '', dstAccount: '' });
  expect(twin.sizes()).toMatchObject({ hosts: 2, accountEdges: 0, hostEdges: 0 });
});

test('the same events a hundred times over make the graph no larger', () => {
  const twin = new TwinGraph();
  for (const event of events) twin.apply(event);
  const once = twin.sizes();
  for (let i = 0; i < 100; i++) for (const event of events.slice(0, 300)) twin.apply(event);
  expect(twin.sizes()).toMatchObject({
    hosts: once.hosts,
    accounts: once.accounts,
    hostEdges: once.hostEdges,
  });
});

test('edges are exactly the distinct pairs of the events that ask for access', () => {
  const twin = new TwinGraph();
  for (const event of events) twin.apply(event);
  const asked = events.filter((event) => event.action === 'LogOn');
  const hosts = new Set(asked.filter((e) => e.srcHost !== e.dstHost).map((e) => `${e.srcHost} ${e.dstHost}`));
  const accounts = new Set(asked.map((e) => `${e.dstAccount} ${e.dstHost}`));
  expect(twin.sizes()).toMatchObject({ hostEdges: hosts.size, accountEdges: accounts.size });
});
