import { describe, expect, it } from 'vitest';
import { sharedData } from '../../test/shared-data.ts';
import { collect, fixture } from '../fixtures/collect.ts';
import { EventIdScanner } from './prescan.ts';
import { parseTime } from './record.ts';

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

  it('reads times with and without a zone', () => {
    expect(parseTime('2020-10-18 10:56:14.283')).toBe(Date.UTC(2020, 9, 18, 10, 56, 14, 283));
    expect(parseTime('2020-10-18T10:56:14+02:00')).toBe(Date.UTC(2020, 9, 18, 8, 56, 14));
    expect(parseTime('yesterday')).toBeNaN();
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
