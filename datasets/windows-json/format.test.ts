import { describe, expect, it } from 'vitest';
import { sharedData } from '../../test/shared-data.ts';
import { collect, fixture } from '../fixtures/collect.ts';
import { UTC } from '../time-zone.ts';
import { EventIdScanner } from './prescan.ts';
import { windowsRecord } from './record.ts';

const flat = sharedData('formats/windows_security_sysmon_mordor.jsonl');
const nested = sharedData('formats/winlogbeat_legacy_nested.jsonl');

describe('windows-json', () => {
  it('maps every used event of the flat form and counts the rest', async () => {
    const { events, stats } = await collect(fixture('windows-flat.jsonl'));
    const found = events.map((event) =>
      event.type === 'auth'
        ? [
            event.action,
            event.srcHost,
            event.dstHost,
            event.srcAccount,
            event.dstAccount,
            event.protocol,
            event.logonType,
            event.success,
          ].join(' ')
        : event.type === 'flow'
          ? `flow ${event.srcHost} ${event.dstHost} ${event.dstPort} ${event.transport}`
          : event.type === 'process'
            ? `process ${event.host} ${event.account} ${event.image}`
            : '',
    );
    expect(found).toEqual([
      'flow ws5.example.test 10.0.0.1 88 tcp',
      'LogOn ws5.example.test dc1.example.test pgustavo@example pgustavo@example Kerberos Network true',
      'LogOn ws5.example.test ws5.example.test ws5$@example mscott@example NTLM Interactive false',
      'TGS ws5.example.test ws6 pgustavo@example pgustavo@example Kerberos Unknown true',
      'process ws5.example.test pgustavo@example C:\\Windows\\System32\\whoami.exe',
      'ExplicitCredentials ws5.example.test dc1.example.test pgustavo@example admin@example Unknown Unknown true',
      'CredentialValidation ws5.example.test dc1.example.test admin admin NTLM Unknown false',
      'LogOff dc1.example.test dc1.example.test pgustavo@example pgustavo@example Unknown Network true',
    ]);
    expect(stats).toMatchObject({ lines: 12, records: 10, rejects: 1, ignored: { '10': 1, '1': 1 } });
    expect(stats.rejectList[0]).toMatchObject({ line: 9, reason: 'does not end with }: cut short' });
    expect(new Date(events[2]?.time ?? 0).toISOString()).toBe('2020-09-21T22:58:59.500Z');
  });

  it('maps both nested winlogbeat forms and learns an address from a logon that names its workstation', async () => {
    const { events, stats } = await collect(fixture('winlogbeat.jsonl'));
    expect(events).toMatchObject([
      {
        srcHost: 'hr002',
        dstHost: 'hr001.shire.test',
        logonType: 'RemoteInteractive',
        dstAccount: 'nmartha@shire',
      },
      { srcHost: 'hr002', dstHost: 'hr001.shire.test', logonType: 'Network', protocol: 'NTLM' },
    ]);
    expect(stats).toMatchObject({ records: 3, ignored: { '800': 1 }, rejects: 0 });
  });

  it('takes no event id from the text of a message', () => {
    const scanner = new EventIdScanner();
    expect(scanner.scan(Buffer.from(JSON.stringify({ Message: '{"EventID":4624}', EventID: 7 })))).toBe(7);
    expect(scanner.scan(Buffer.from('{"winlog":{"event_id": 4625}}'))).toBe(4625);
    expect(scanner.scan(Buffer.from('{"EventID":"4624"}'))).toBe(4624);
    expect(scanner.scan(Buffer.from('{"a":1}'))).toBe(-1);
  });

  it('tells records apart by channel, host, number and the time that the host wrote', () => {
    const common = { '@timestamp': '2020-01-01T00:00:02Z', event_id: 4634, computer_name: 'A' };
    const uids = [
      { EventID: 1, Hostname: 'A', Channel: 'Security', RecordNumber: 7, EventTime: '2020-01-01 00:00:00' },
      { EventID: 1, Hostname: 'A', Channel: 'Security', EventTime: '2020-01-01 00:00:00' },
      { ...common, log_name: 'Security', record_number: '7' },
      { '@timestamp': common['@timestamp'], winlog: { ...common, channel: 'Security', record_id: 7 } },
    ].map((json) => {
      const record = windowsRecord(json, UTC);
      return typeof record === 'string' ? record : record.uid;
    });
    expect(uids).toEqual([
      'security/a/7@2020-01-01 00:00:00',
      '',
      'security/a/7@2020-01-01T00:00:02.000Z',
      'security/a/7@2020-01-01T00:00:02.000Z',
    ]);
  });

  it('reads times without a zone by the wall clock that it is told, and those with one as they are', async () => {
    const times = async (timeZone: string): Promise<number[]> =>
      (await collect(fixture('windows-flat.jsonl'), { timeZone })).events.map(({ time }) => time);
    const [utc, york] = [await times('UTC'), await times('America/New_York')];
    expect(york.map((time, i) => (time - (utc[i] ?? 0)) / 3_600_000)).toEqual([0, 0, 4, 4, 0, 0, 0, 0]);
    await expect(collect(fixture('windows-flat.jsonl'), { timeZone: 'Mars' })).rejects.toMatchObject({
      code: 'USAGE',
    });
  });

  it('makes a reject of a time that no clock of this kind shows', () => {
    const at = (time: string): unknown =>
      windowsRecord({ EventID: 4624, Hostname: 'a', '@timestamp': time }, UTC);
    for (const time of ['1601-01-01T00:00:00Z', '1969-12-31T23:59:59Z', '2200-01-01T00:00:00Z'])
      expect(at(time)).toBe(`a time before 1970 or after 2199: ${time}`);
  });

  it.skipIf(flat === null)('reads genuine Mordor lines without rejects (needs shared data)', async () => {
    const { stats } = await collect(flat ?? '');
    expect(stats).toMatchObject({ records: 45, rejects: 0 });
    expect(stats.events).toBeGreaterThan(10);
  });

  it.skipIf(nested === null)(
    'reads genuine winlogbeat 6 lines without rejects (needs shared data)',
    async () => {
      const { stats } = await collect(nested ?? '');
      expect(stats).toMatchObject({ records: 5, rejects: 0, files: [{ format: 'windows-json' }] });
    },
  );
});
