import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AUTH_ACTIONS,
  AUTH_PROTOCOLS,
  LOGON_TYPES,
  type CanonicalEvent,
} from '../../protocol/events/canonical.ts';
import { collect, fixture } from '../fixtures/collect.ts';
import { HostResolver } from '../host-resolver.ts';
import { authAction, ocsfLogonType, ocsfProtocol } from './enums.ts';
import { fromOcsf, type OcsfMapping } from './read.ts';

const origin = { dataset: 'feed', record: 12 };

/** The events, hosts named as far as the object itself tells. */
function eventsOf(value: unknown): CanonicalEvent[] {
  const mapping = fromOcsf(value, origin);
  const resolver = new HostResolver();
  const items = mapping.outcome === 'events' ? mapping.items : [];
  return items.map((item) => resolver.take(item)).filter((event) => event !== null);
}

function only(value: unknown): CanonicalEvent | undefined {
  return eventsOf(value)[0];
}

/** A Windows logon as a collector would write it. */
const LOGON = {
  class_uid: 3002,
  activity_id: 1,
  time: 1_600_000_000_123,
  status_id: 2,
  auth_protocol_id: 1,
  logon_type_id: 3,
  metadata: { version: '1.3.0', uid: 'abc-1', product: { name: 'Windows' } },
  user: { name: 'PGustavo', domain: 'THESHIRE.LOCAL', uid: 'S-1-5-21-1' },
  actor: { user: { name: '-' } },
  src_endpoint: { ip: '::ffff:10.0.0.5', port: 50123 },
  dst_endpoint: { hostname: 'DC1.theshire.local', ip: '10.0.0.1' },
};

describe('fromOcsf', () => {
  it('maps an authentication of another product and makes its names canonical', () => {
    expect(fromOcsf(LOGON, origin)).toMatchObject({
      outcome: 'events',
      items: [
        { type: 'address', address: '10.0.0.1', host: 'dc1.theshire.local', network: 'theshire.local' },
        { naming: { network: 'theshire.local' } },
      ],
    });
    expect(eventsOf(LOGON)).toEqual([
      {
        type: 'auth',
        time: 1_600_000_000_123,
        srcHost: '10.0.0.5',
        dstHost: 'dc1.theshire.local',
        srcAccount: 'pgustavo@theshire',
        dstAccount: 'pgustavo@theshire',
        protocol: 'NTLM',
        logonType: 'Network',
        action: 'LogOn',
        success: false,
        source: { dataset: 'feed', record: 12, uid: 'abc-1' },
      },
    ]);
  });

  it('reads captions where numbers are missing, numbers as text, and time_dt', () => {
    expect(
      only({
        type_uid: '300204',
        time_dt: '2020-09-13T12:26:40.123+00:00',
        status: 'Failure',
        auth_protocol: 'kerberos',
        logon_type: 'Remote Interactive',
        user: { name: 'EXAMPLE\\svc' },
        device: { hostname: 'SRV1.' },
        src_endpoint: { hostname: 'localhost', ip: '127.0.0.1' },
      }),
    ).toMatchObject({
      time: 1_600_000_000_123,
      action: 'TGS',
      protocol: 'Kerberos',
      logonType: 'RemoteInteractive',
      success: false,
      srcHost: 'srv1',
      dstHost: 'srv1',
      dstAccount: 'svc@example',
      source: { uid: '' },
    });
    expect(only({ ...LOGON, class_uid: undefined, class_name: 'Authentication' })).toBeDefined();
  });

  it('knows the numbers of the schema (1.0 to 1.8) and its captions', () => {
    // From the schema's own files of versions 1.0.0, 1.1.0, 1.2.0 and 1.8.0.
    expect([0, 1, 2, 3, 4, 5, 6, 7, 99].map((id) => authAction(id, ''))).toEqual([
      'Unknown',
      'LogOn',
      'LogOff',
      'TGT',
      'TGS',
      'TGS',
      'TGT',
      'ExplicitCredentials',
      'Unknown',
    ]);
    expect(
      [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 99].map((id) => ocsfLogonType(id, '', '1.8.0')),
    ).toEqual([
      'Unknown',
      'System',
      'Interactive',
      'Network',
      'Batch',
      'Service',
      'Unlock',
      'NetworkCleartext',
      'NewCredentials',
      'RemoteInteractive',
      'CachedInteractive',
      'RemoteInteractive',
      'Unlock',
      'Unknown',
    ]);
    expect(['1.0.0', '1.1.0', '1.2.0', ''].map((version) => ocsfLogonType(0, '', version))).toEqual([
      'System',
      'System',
      'Unknown',
      'Unknown',
    ]);
    expect([0, 1, 2, 3, 10, 12, 99].map((id) => ocsfProtocol(id, ''))).toEqual([
      'Unknown',
      'NTLM',
      'Kerberos',
      'Other',
      'Other',
      'Other',
      'Other',
    ]);
    expect(ocsfProtocol(99, 'Negotiate')).toBe('Negotiate');
    for (const action of AUTH_ACTIONS) expect(AUTH_ACTIONS).toContain(authAction(99, action));
    for (const type of LOGON_TYPES) expect(ocsfLogonType(null, type, '')).toBe(type);
    for (const protocol of AUTH_PROTOCOLS) expect(ocsfProtocol(null, protocol)).toBe(protocol);
  });

  it('maps processes, flows and name look-ups', () => {
    const time = 1;
    const device = { hostname: 'WS5' };
    expect(
      only({
        class_uid: 1007,
        activity_id: 1,
        time,
        device,
        actor: { user: { name: 'SYSTEM' }, process: { file: { path: 'C:\\cmd.exe' } } },
        process: { file: { path: 'C:\\whoami.exe' }, user: { name: 'bob', domain: 'X' } },
      }),
    ).toMatchObject({ host: 'ws5', account: 'bob@x', image: 'C:\\whoami.exe', parentImage: 'C:\\cmd.exe' });
    expect(
      only({
        class_uid: 4001,
        activity_id: 6,
        time,
        src_endpoint: { ip: '10.0.0.1', port: '4444' },
        dst_endpoint: { ip: '10.0.0.2', port: 88, svc_name: 'KRB' },
        connection_info: { protocol_num: 17 },
        duration: 20,
        traffic: { bytes_out: 5, bytes_in: '6', packets: 2 },
      }),
    ).toMatchObject({
      srcPort: 4444,
      dstPort: 88,
      transport: 'udp',
      service: 'krb',
      operation: '',
      durationMs: 20,
      bytesOut: 5,
      bytesIn: 6,
    });
    expect(only({ class_uid: 4003, time, device, query: { hostname: 'Mail.Example' } })).toMatchObject({
      host: 'ws5',
      query: 'mail.example',
    });
  });

  it('reads what an independent writer of OCSF 1.5 makes (ocsf-emitter 0.3, made-up values)', async () => {
    const { events, stats } = await collect(fixture('ocsf-emitter.jsonl'));
    expect(events).toMatchObject([
      { action: 'TGS', srcHost: 'dc1.example.test', dstHost: 'dc1.example.test', dstAccount: 'bob@example' },
      {
        type: 'process',
        host: 'ws5.example.test',
        account: 'bob@example',
        image: 'whoami.exe',
        action: 'Start',
      },
      {
        type: 'detection',
        technique: 'T1021.002',
        label: 'Lateral movement',
        source: { record: 5, uid: 'F-1' },
      },
    ]);
    expect(stats).toMatchObject({ records: 5, rejects: 0, files: [{ format: 'ocsf-json' }] });
    expect(stats.ignored).toEqual({
      'OCSF class 4001 without both endpoints': 1,
      'OCSF class 4003 without query.hostname': 1,
    });
  });

  it('gives a detection for every pair of evidence and technique, with identities of their own', () => {
    const events = eventsOf({
      class_uid: 2004,
      activity_id: 1,
      time: 5,
      finding_info: {
        uid: 'F1',
        title: 'Lateral movement',
        attacks: [
          { technique: { uid: 'T1021' }, sub_technique: { uid: 'T1021.002' } },
          { technique: { uid: 'T1078' } },
        ],
      },
      evidences: [
        { src_endpoint: { hostname: 'A' }, dst_endpoint: { hostname: 'B' } },
        { src_endpoint: { hostname: 'A' }, dst_endpoint: { hostname: 'B' } },
        { device: { hostname: 'C' }, user: { name: 'eve' } },
      ],
    });
    expect(
      events.map((event) =>
        event.type === 'detection'
          ? [event.srcHost, event.dstHost, event.account, event.technique, event.source.uid].join(' ')
          : '',
      ),
    ).toEqual(['a b  T1021.002 F1', 'a b  T1078 F1#2', ' c eve T1021.002 F1#3', ' c eve T1078 F1#4']);
  });

  const NOT_EVENTS: [what: string, value: unknown, mapping: OcsfMapping][] = [
    ['another class', { class_uid: 6003, time: 1 }, { outcome: 'ignored', kind: 'OCSF class 6003' }],
    [
      'an opened process',
      { class_uid: 1007, activity_id: 3, time: 1 },
      { outcome: 'ignored', kind: 'OCSF class 1007 activity 3' },
    ],
    [
      'a closed finding',
      { class_uid: 2004, activity_id: 3, time: 1 },
      { outcome: 'ignored', kind: 'OCSF class 2004 activity 3' },
    ],
    ['no class', { time: 1 }, { outcome: 'rejected', reason: 'no class_uid' }],
    [
      'a time before 1970',
      { ...LOGON, time: -1 },
      { outcome: 'rejected', reason: 'the time lies outside 1970 to 2200: not milliseconds' },
    ],
    ['no time', { ...LOGON, time: 'soon' }, { outcome: 'rejected', reason: 'no readable time' }],
    ['a list', [LOGON], { outcome: 'rejected', reason: 'not a JSON object' }],
    [
      'a logon of nobody',
      { ...LOGON, user: {} },
      { outcome: 'ignored', kind: 'OCSF class 3002 without an account' },
    ],
    [
      'a logon nowhere',
      { ...LOGON, src_endpoint: {}, dst_endpoint: null },
      { outcome: 'ignored', kind: 'OCSF class 3002 without a host' },
    ],
    [
      'a flow to nowhere',
      { class_uid: 4001, time: 1, src_endpoint: { ip: '1.2.3.4' } },
      { outcome: 'ignored', kind: 'OCSF class 4001 without both endpoints' },
    ],
  ];
  it.each(NOT_EVENTS)('%s is no event', (_what, value, mapping) => {
    expect(fromOcsf(value, origin)).toEqual(mapping);
  });

  it('refuses a finding that would be hundreds of detections', () => {
    const evidences = Array.from({ length: 65 }, (_, i) => ({ device: { hostname: `h${i}` } }));
    expect(fromOcsf({ class_uid: 2004, time: 1, evidences }, origin)).toMatchObject({ outcome: 'rejected' });
  });

  it('never throws, whatever it is given', () => {
    const field = fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(LOGON)));
    const value = fc.dictionary(
      fc.constantFrom(...Object.keys(LOGON), 'process', 'evidences', 'query'),
      field,
    );
    fc.assert(
      fc.property(value, fc.constantFrom(3002, 1007, 4001, 4003, 2004), (fields, uid) => {
        const mapping = fromOcsf({ time: 1, ...fields, class_uid: uid }, origin);
        expect(['events', 'ignored', 'rejected']).toContain(mapping.outcome);
      }),
      { numRuns: 500 },
    );
  });
});
