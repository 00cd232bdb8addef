import { expect, test } from 'vitest';
import { syntheticSite } from '../../test/synthetic-site.ts';
import type { AuthEvent, CanonicalEvent, NetworkFlow } from '../../protocol/events/canonical.ts';
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
    networkEdges: 0,
    events: 2,
    authentications: 2,
    first: 3000,
    last: 5000,
    forgotten: { hosts: 0, accounts: 0, others: 0, edges: 0 },
  });
  expect(twin.accountAt('svc@x', 'b')).toEqual({
    kind: 'account-host',
    first: 3000,
    last: 5000,
    events: 2,
    failures: 1,
    protocols: { NTLM: 1, Kerberos: 1 },
    logonTypes: ['Network'],
    processes: 0,
    detections: 0,
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

const source = { dataset: 'test', record: 1, uid: '' };

function flow(time: number, srcHost: string, dstHost: string, dstPort: number): NetworkFlow {
  return {
    type: 'flow',
    time,
    srcHost,
    dstHost,
    srcPort: 50_000,
    dstPort,
    transport: 'tcp',
    image: '',
    service: '',
    operation: '',
    durationMs: null,
    bytesOut: 100,
    bytesIn: null,
    packets: null,
    source,
  };
}

test('processes, connections, look-ups and detections are in the twin, each where it belongs', () => {
  const twin = new TwinGraph();
  const start: CanonicalEvent = {
    type: 'process',
    time: 10,
    host: 'a',
    account: 'ann@x',
    image: 'C:\\Windows\\System32\\CMD.exe',
    parentImage: '',
    action: 'Start',
    source,
  };
  twin.apply(start);
  twin.apply({ ...start, time: 20, image: '/usr/bin/cmd.exe' });
  twin.apply({ ...start, time: 30, action: 'End' });
  twin.apply(flow(40, 'a', 'b', 445));
  twin.apply({ ...flow(50, 'a', 'b', 49_000), service: 'gssapi,smb' });
  twin.apply(flow(60, 'a', 'b', 3389));
  twin.apply({ type: 'dns', time: 70, host: 'a', query: 'b.example', source });
  const label = { technique: 'T1021.002', label: '' };
  twin.apply({ type: 'detection', time: 80, srcHost: 'b', dstHost: 'c', account: 'bob@x', ...label, source });

  expect(twin.host('a')).toMatchObject({
    first: 10,
    last: 70,
    events: 7,
    own: true,
    images: [['cmd.exe', 2]],
  });
  expect(twin.host('b')).toMatchObject({ first: 40, last: 80, own: false });
  expect(twin.accountAt('ann@x', 'a')).toMatchObject({ first: 10, last: 20, events: 0, processes: 2 });
  expect(twin.connections('a', 'b')).toMatchObject([
    { service: 'smb', first: 40, last: 50, flows: 2, bytesOut: 200, bytesIn: 0 },
    { service: 'rdp', first: 60, last: 60, flows: 1 },
  ]);
  expect(twin.hostTo('b', 'c')).toMatchObject({ events: 0, detections: 1 });
  expect(twin.host('b.example')).toBeNull();
  expect(twin.sizes()).toMatchObject({
    hosts: 3,
    accounts: 2,
    accountEdges: 1,
    hostEdges: 1,
    networkEdges: 2,
  });
});

const logon: AuthEvent = {
  type: 'auth',
  time: 0,
  srcHost: 'a',
  dstHost: 'b',
  srcAccount: 'ann@x',
  dstAccount: 'ann@x',
  protocol: 'Kerberos',
  logonType: 'Network',
  action: 'LogOn',
  success: true,
  source,
};
const limits = { hosts: 80, accounts: 80, accountEdges: 80, hostEdges: 80, networkEdges: 80, images: 80 };

test('a flood of addresses and of invented accounts pushes out nothing of our own', () => {
  const twin = new TwinGraph({ limits });
  for (let i = 0; i < 60; i++) {
    twin.apply({
      ...logon,
      time: i,
      srcHost: `w${i}`,
      dstHost: `w${i}`,
      dstAccount: `u${i}`,
      srcAccount: '',
    });
  }
  for (let i = 0; i < 5000; i++) {
    const address = `${1 + (i % 9)}.${i % 250}.7.${Math.floor(i / 250)}`;
    twin.apply(flow(1000 + i, 'w1', address, 443));
    const guess = {
      srcHost: address,
      dstHost: 'w2',
      dstAccount: `guess${i}`,
      srcAccount: '',
      success: false,
    };
    twin.apply({ ...logon, time: 1000 + i, ...guess });
  }
  for (let i = 0; i < 60; i++) {
    expect(twin.host(`w${i}`)).toMatchObject({ own: true });
    expect(twin.accountAt(`u${i}`, `w${i}`)).toMatchObject({ events: 1 });
  }
  const { hosts, accounts, accountEdges, hostEdges, networkEdges, forgotten } = twin.sizes();
  expect(Math.max(hosts, accounts, accountEdges, hostEdges, networkEdges)).toBeLessThanOrEqual(80);
  expect(forgotten).toMatchObject({ hosts: 0, accounts: 0 });
  expect(forgotten.others).toBeGreaterThan(5000);
});

test('of our own the least recently seen go first, with their edges and images, and are counted', () => {
  const twin = new TwinGraph({ limits });
  for (let i = 0; i < 79; i++) {
    twin.apply({ ...logon, time: 1000 - i, srcHost: 'w0', dstHost: `w${i}` });
    const image = `p${i}.exe`;
    const start = { account: '', image, parentImage: '', action: 'Start', source } as const;
    if (i < 70) twin.apply({ type: 'process', time: 0, host: `w${i}`, ...start });
  }
  twin.apply({ ...logon, time: 2000, srcHost: 'new', dstHost: 'w0' });
  expect(twin.sizes()).toMatchObject({ hosts: 70, forgotten: { hosts: 10, accounts: 0 } });
  expect([twin.host('w68')?.last, twin.host('w69'), twin.host('w78')]).toEqual([932, null, null]);
  expect(twin.hostTo('w0', 'w69')).toBeNull();
  expect(twin.hostTo('new', 'w0')).toMatchObject({ events: 1 });
  expect(TwinGraph.restore(twin.snapshot()).host('w5')?.images).toEqual([['p5.exe', 1]]);
});

test('a late event of a full twin takes its place and leaves again first', () => {
  const twin = new TwinGraph({ limits });
  for (let i = 0; i < 5000; i++) twin.apply({ ...logon, time: 9000 - i, srcHost: `s${i}`, dstHost: `d${i}` });
  expect(twin.hostTo('s4999', 'd4999')).toMatchObject({ first: 4001 });
  expect(twin.host('d0')).toMatchObject({ first: 9000 });
});

test('the feed tells what is new, once, by cursor, and the same after a restore', () => {
  const apply = (twin: TwinGraph, from: number, to: number): void => {
    for (const one of events.slice(from, to)) twin.apply(one);
  };
  const twin = new TwinGraph();
  apply(twin, 0, 100);
  const first = twin.changes(0, 5);
  expect(first.changes.slice(0, 2)).toMatchObject([
    { at: 1, kind: 'host' },
    { at: 1, kind: 'host' },
  ]);
  expect(first).toMatchObject({ missed: false, dropped: 0 });
  const seen = [...first.changes];
  for (let page = twin.changes(first.next, 5); page.changes.length > 0; page = twin.changes(page.next, 5)) {
    seen.push(...page.changes);
  }
  expect(seen).toEqual(twin.changes(0, 1e6).changes);
  const { hosts, accounts, accountEdges, hostEdges } = twin.sizes();
  expect(seen).toHaveLength(hosts + accounts + accountEdges + hostEdges);

  const back = TwinGraph.restore(twin.snapshot());
  const cursor = twin.changes(0, 1e6).next;
  apply(twin, 100, 300);
  apply(back, 100, 300);
  expect(back.changes(cursor, 1e6)).toEqual(twin.changes(cursor, 1e6));
  expect(back.changes(cursor - 1).missed).toBe(true);
  expect(back.changes(1e9).missed).toBe(true);
});

test('the feed keeps the newest changes and counts the others; an edge that comes back is one', () => {
  const twin = new TwinGraph({ changes: 4 });
  twin.apply(logon);
  expect(twin.changes(0)).toMatchObject({ missed: true, dropped: 1, next: 1 });
  const later = 45 * 86_400_000;
  twin.apply({ ...logon, time: later });
  twin.apply({ ...logon, time: later + 1 });
  expect(twin.changes(1).changes).toEqual([
    { at: 2, time: later, kind: 'edge', edge: 'account-host', from: 'ann@x', to: 'b', afterDays: 45 },
    { at: 2, time: later, kind: 'edge', edge: 'host-host', from: 'a', to: 'b', afterDays: 45 },
  ]);
  expect(twin.changes(1)).toMatchObject({ missed: false, next: 3 });
});
