import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { referenceAccount, referenceRows, type ReferenceRow } from '../../test/mordor-reference.ts';
import { sharedData } from '../../test/shared-data.ts';
import { collect, temporaryFolder } from '../fixtures/collect.ts';
import { DAY_MS } from '../day.ts';
import { HostBook } from '../host-book.ts';
import { groupByDomain } from './organisations.ts';
import { windowsJson } from '../windows-json/format.ts';
import { prepareMordor } from './prepare.ts';
import { compressTimeline } from './timeline.ts';

const mordor = sharedData('telemetry/mordor');
const reference = sharedData('telemetry/mordor_auth_events.csv.gz');

function process(host: string, time: number, dataset: string): CanonicalEvent {
  return {
    type: 'process',
    time,
    host,
    account: '',
    image: '',
    parentImage: '',
    action: 'Start',
    source: { dataset, record: 1, uid: '' },
  };
}

function count(into: Map<string, number>, key: string): void {
  into.set(key, (into.get(key) ?? 0) + 1);
}

const LOGON_TYPE = new Map([
  ['2', 'Interactive'],
  ['3', 'Network'],
  ['5', 'Service'],
  ['9', 'NewCredentials'],
  ['11', 'CachedInteractive'],
]);

/** The protocol behind a package that the list names in full. */
const SHORT = new Map([['MICROSOFT_AUTHENTICATION_PACKAGE_V1_0', 'NTLM']]);

/** What of a row must stand in one event: when, where, who and how. */
function rowKey(row: ReferenceRow): string {
  const common = [row.dataset, row.id, row.time];
  const who = referenceAccount(row);
  if (row.id === 'S3') return [...common, row.status].join(' ');
  if (row.id === '4624' || row.id === '4625')
    return [
      ...common,
      row.host,
      who,
      LOGON_TYPE.get(row.logonType),
      SHORT.get(row.package) ?? row.package,
    ].join(' ');
  if (row.id === '4648') return [...common, row.host, who].join(' ');
  return [...common, who, Number(row.status) === 0].join(' ');
}

function eventKey(id: string, event: CanonicalEvent): string {
  const common = [event.source.dataset, id, event.time];
  if (event.type === 'flow') return [...common, event.image].join(' ');
  if (event.type !== 'auth') throw new Error(event.type);
  const { dstHost, srcHost, dstAccount, success, logonType, protocol } = event;
  if (id === '4624' || id === '4625') return [...common, dstHost, dstAccount, logonType, protocol].join(' ');
  if (id === '4648') return [...common, srcHost, dstAccount].join(' ');
  return [...common, dstAccount, success].join(' ');
}

/** The event id that a canonical event stands for. */
function eventId(event: CanonicalEvent): string {
  if (event.type === 'flow') return 'S3';
  if (event.type !== 'auth') return '';
  switch (event.action) {
    case 'LogOn':
      return event.success ? '4624' : '4625';
    case 'TGT':
      return '4768';
    case 'TGS':
      return '4769';
    case 'ExplicitCredentials':
      return '4648';
    case 'CredentialValidation':
      return '4776';
    default:
      return '';
  }
}

describe('groupByDomain', () => {
  it('puts a bare host where the same recording has its full name, else where it occurs most, else aside', () => {
    const hosts = new HostBook();
    for (const host of ['ws5.east.test', 'ws5.west.test', 'ws9.west.test', 'ws5', 'lonely'])
      hosts.learnRecorder(host);
    const events = [
      process('ws5.east.test', 0, 'a'),
      process('ws5', 1, 'a'),
      process('ws5.west.test', 0, 'b'),
      process('ws5.west.test', 1, 'b'),
      process('ws5', 2, 'c'),
      process('lonely', 3, 'c'),
    ];
    const { byDomain, remainder } = groupByDomain(events, hosts);
    expect(byDomain.get('east.test')?.map((event) => event.source.dataset)).toEqual(['a', 'a']);
    expect(byDomain.get('west.test')?.map((event) => event.source.dataset)).toEqual(['b', 'b', 'c']);
    expect(remainder).toMatchObject([{ host: 'lonely' }]);
  });
});

describe('compressTimeline', () => {
  it('begins at zero, keeps the order and the hour, and shortens gaps to at most two days', () => {
    const times = [100 * DAY_MS + 5, 100 * DAY_MS + 4000, 400 * DAY_MS + 7_200_000, 101 * DAY_MS + 3_600_000];
    const out = compressTimeline(times.map((time) => process('h', time, 'a'))).map(({ time }) => time);
    expect(out).toEqual([0, 3995, DAY_MS + 3_599_995, 2 * DAY_MS + 7_199_995]);
  });
});

describe('prepareMordor', () => {
  it('keeps domains that begin alike apart, each under an id that a member may have', async () => {
    using folder = temporaryFolder();
    const start = { EventID: 4688, Channel: 'Security', '@timestamp': '2020-09-21T22:58:57.000Z' };
    const hosts = ['a.corp.local', 'b.corp.example', 'c.my_lab.local'];
    const records = hosts.map((Hostname) => JSON.stringify({ ...start, Hostname }));
    writeFileSync(folder.path('recording.json'), `${records.join('\n')}\n`);
    const { organisations } = await prepareMordor(folder.root);
    expect(organisations.map(({ name, hosts: own }) => [name, ...own])).toEqual([
      ['corp-example', 'b.corp.example'],
      ['corp-local', 'a.corp.local'],
      ['my-lab', 'c.my_lab.local'],
    ]);
  });
});

describe.skipIf(mordor === null || reference === null)('Mordor recordings (needs shared data)', () => {
  it('hold every row of the independent reference list and no other: when, where, who and how', async () => {
    const { events, stats } = await collect(mordor ?? '', { formats: [windowsJson] });
    expect(stats).toMatchObject({ records: 409_568, rejects: 0 });
    expect(stats.files).toHaveLength(68);
    const expected = new Map<string, number>();
    for (const row of referenceRows(reference ?? '')) count(expected, rowKey(row));
    const found = new Map<string, number>();
    for (const event of events) {
      const id = eventId(event);
      if (id !== '') count(found, eventKey(id, event));
    }
    const sorted = (map: Map<string, number>): string[] =>
      [...map].map(([key, n]) => `${key} ${n}`).toSorted();
    expect(sorted(found)).toEqual(sorted(expected));
  });

  it('become three organisations by domain with times of their own and techniques of their recordings', async () => {
    const seen: number[] = [];
    const data = await prepareMordor(mordor ?? '', ({ files }) => seen.push(files));
    expect(seen.at(-1)).toBe(68);
    expect(data.organisations.map(({ name }) => name).toSorted()).toEqual(['mordor', 'pandalab', 'theshire']);
    const total = data.organisations.reduce((sum, { events }) => sum + events.length, 0);
    expect(total + data.remainder.events + data.duplicateEvents).toBe(data.stats.events);
    for (const { events, hosts, domain } of data.organisations) {
      expect(events[0]?.time).toBe(0);
      expect(events.every((event, i) => event.time >= (events[i - 1]?.time ?? 0))).toBe(true);
      expect(hosts.every((host) => host.endsWith(`.${domain}`))).toBe(true);
    }
    expect(data.techniques.get('empire_psremoting_stager')?.techniques).toEqual(['T1021.006']);
  });
});
