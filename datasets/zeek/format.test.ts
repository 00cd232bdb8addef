import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { collect, temporaryFolder } from '../fixtures/collect.ts';

/** Reads one made-up log. */
async function read(text: string): Promise<Awaited<ReturnType<typeof collect>>> {
  using folder = temporaryFolder();
  writeFileSync(folder.path('zeek.log'), text);
  return await collect(folder.path('zeek.log'));
}

function line(event: CanonicalEvent): string {
  switch (event.type) {
    case 'auth':
      return [
        event.action,
        event.srcHost,
        event.dstHost,
        event.dstAccount,
        event.protocol,
        event.success,
      ].join(' ');
    case 'flow':
      return [event.service, event.operation, event.srcHost, event.dstHost, event.dstPort].join(' ');
    case 'dns':
      return `${event.host} ${event.query}`;
    case 'detection':
      return `${event.label} ${event.srcHost} ${event.dstHost}`;
    case 'process':
      return '';
  }
}

const HEADER = '#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n';
const CONN = `${HEADER}#path\tconn
#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\torig_pkts\tresp_pkts\ttunnel_parents
1655157610.743948\tC1\t10.0.0.5\t2000\t10.0.0.1\t445\ttcp\tsmb,krb,gssapi\t1.528024\t10\t20\t3\t4\t(empty)
1655157611.000001\tC2\tfe80::1\t8\t10.0.0.1\t0\ticmp\t-\t-\t-\t-\t-\t-\t-
#close\t2022-06-17-00-00-07
`;

describe('zeek-tsv', () => {
  it('maps connections: amounts, times in whole milliseconds, services in one order', async () => {
    const { events, stats } = await read(CONN);
    expect(stats).toMatchObject({ lines: 9, records: 2, rejects: 0, files: [{ format: 'zeek-tsv' }] });
    expect(events).toEqual([
      {
        type: 'flow',
        time: 1655157610743,
        srcHost: '10.0.0.5',
        dstHost: '10.0.0.1',
        srcPort: 2000,
        dstPort: 445,
        transport: 'tcp',
        image: '',
        service: 'gssapi,krb,smb',
        operation: '',
        durationMs: 1528.024,
        bytesOut: 10,
        bytesIn: 20,
        packets: 7,
        source: { dataset: 'zeek', record: 7, uid: 'zeek conn C1 1655157610.743948' },
      },
      {
        ...events[0],
        time: 1655157611000,
        srcHost: 'fe80:0:0:0:0:0:0:1',
        srcPort: 0,
        dstPort: 0,
        transport: 'other',
        service: '',
        durationMs: null,
        bytesOut: null,
        bytesIn: null,
        packets: null,
        source: { dataset: 'zeek', record: 8, uid: 'zeek conn C2 1655157611.000001' },
      },
    ]);
  });

  it('takes the header that stands last: other separators, other columns in another order, several logs', async () => {
    const text = `${CONN}#separator \\x7c
#set_separator|;
#empty_field|EMPTY
#unset_field|NONE
#path|smb_files
#fields|name|action|id.resp_h|id.orig_h|uid|ts|path|more
a\\x7cb|SMB::FILE_OPEN|10.0.0.1|10.0.0.5|C3|1655157612.5|\\\\\\\\DC1.example.test\\\\c$|EMPTY
NONE|NONE|10.0.0.1|10.0.0.5|C4|1655157613|NONE|-
${CONN}`;
    const { events, stats } = await read(text);
    expect(stats.rejectList).toEqual([]);
    expect(events.map(line)).toEqual([
      'gssapi,krb,smb  10.0.0.5 10.0.0.1 445',
      '  fe80:0:0:0:0:0:0:1 10.0.0.1 0',
      'smb SMB::FILE_OPEN \\\\DC1.example.test\\c$ 10.0.0.5 dc1.example.test 0',
      'smb  10.0.0.5 10.0.0.1 0',
      'gssapi,krb,smb  10.0.0.5 10.0.0.1 445',
      '  fe80:0:0:0:0:0:0:1 10.0.0.1 0',
    ]);
    expect(events[2]?.source.uid).toBe(
      'zeek smb_files C3 1655157612.5 SMB::FILE_OPEN \\\\DC1.example.test\\c$ a|b ',
    );
  });

  it.each([
    ['columns of their own', '\tlabel\tdetailedlabel', '\tMalicious\tPort scan', '\tBenign\t-'],
    ['blanks, named', '   label   detailed-label', '   Malicious   Port scan', '   Benign   -'],
    ['blanks, not named', '', '   Malicious   Port scan', '   Benign   -'],
  ])('labels in %s: a malicious connection is a flow and a detection', async (_how, header, bad, good) => {
    const labelled = CONN.replace('tunnel_parents', `tunnel_parents${header}`)
      .replace('\t4\t(empty)\n', `\t4\t(empty)${bad}\n`)
      .replace('\t-\n#close', `\t-${good}\n#close`);
    const { events, stats } = await read(labelled);
    expect(stats).toMatchObject({ records: 2, rejects: 0, eventsByType: { flow: 2, detection: 1 } });
    expect(events.map(line)[1]).toBe('Port scan 10.0.0.5 10.0.0.1');
    expect(events[1]?.source).toEqual(events[0]?.source);
  });

  it('rejects what is no row and goes on', async () => {
    const { stats } = await read(
      `a row\n${CONN}1\tC9\n${CONN.replaceAll('16551576', 'x').replace('10.0.0.5', '-')}`,
    );
    expect(stats.events).toBe(2);
    expect(stats.rejectList.map((reject) => reject.reason)).toEqual([
      'a row before the names of its columns (#fields)',
      '2 columns where 14 are needed',
      'no readable time (ts)',
      'no readable time (ts)',
    ]);
  });
});

describe('zeek-json', () => {
  const common = {
    ts: 1588207073.342607,
    uid: 'C1',
    'id.orig_h': '10.0.1.4',
    'id.resp_h': '10.0.0.4',
    'id.resp_p': 88,
  };
  const row = (fields: object): string => `${JSON.stringify({ ...common, ...fields })}\n`;

  it('maps tickets: the kind by request or service, the host of the service, what is no outcome is counted', async () => {
    const ticket = { _path: 'kerberos', request_type: 'TGS', client: 'bob/EXAMPLE.TEST', success: true };
    const { events, stats } = await read(
      [
        row({ ...ticket, request_type: 'AS', service: 'krbtgt/EXAMPLE.TEST' }),
        row({ ...ticket, service: 'cifs/SRV1' }),
        row({ ...ticket, service: 'LDAP/DC1.example.test:389/example.test', success: false, error_msg: 'X' }),
        row({ ...ticket, service: 'WS5$' }),
        row({ ...ticket, service: 'krbtgt/EXAMPLE.TEST' }),
        row({ ...ticket, service: 'svc_sql' }),
        row({
          ...ticket,
          service: 'E3514235-4B06-11D1-AB04-00C04FC2D6CF/c1e2f3a4-0000-1111-2222-333344445555/x',
        }),
        row({ ...ticket, client: 'host/srv1.example.test/EXAMPLE.TEST', service: 'cifs/SRV2' }),
        row({ ...ticket, request_type: undefined, service: 'krbtgt/EXAMPLE.TEST' }),
        row({ ...ticket, success: false, error_msg: 'KDC_ERR_PREAUTH_REQUIRED' }),
        row({ ...ticket, success: undefined }),
        row({ ...ticket, client: undefined }),
      ].join(''),
    );
    expect(events.map(line)).toEqual([
      'TGT 10.0.1.4 10.0.0.4 bob@example Kerberos true',
      'TGS 10.0.1.4 srv1 bob@example Kerberos true',
      'TGS 10.0.1.4 dc1.example.test bob@example Kerberos false',
      'TGS 10.0.1.4 ws5 bob@example Kerberos true',
      'TGS 10.0.1.4 10.0.0.4 bob@example Kerberos true',
      'TGS 10.0.1.4 10.0.0.4 bob@example Kerberos true',
      'TGS 10.0.1.4 10.0.0.4 bob@example Kerberos true',
      'TGS 10.0.1.4 srv2 host/srv1.example.test@example Kerberos true',
      'TGT 10.0.1.4 10.0.0.4 bob@example Kerberos true',
    ]);
    expect(stats.ignored).toEqual({
      'zeek kerberos KDC_ERR_PREAUTH_REQUIRED': 1,
      'zeek kerberos without answer': 1,
      'zeek kerberos without client': 1,
    });
  });

  it('maps NTLM logons, and names the server from then on; the client only as it calls itself', async () => {
    const logon = { username: 'Bob', domainname: 'EXAMPLE', hostname: 'WS9', success: false };
    const { events, stats } = await read(
      row({ ...logon, server_dns_computer_name: 'SRV1.example.test', server_nb_computer_name: 'SRV1' }) +
        row({ _path: 'conn', conn_state: 'SF', proto: 'tcp', service: 'smb' }) +
        row({ ...logon, _path: 'ntlm', username: undefined }),
    );
    expect(events.map(line)).toEqual([
      'LogOn ws9 srv1.example.test bob@example NTLM false',
      'smb  10.0.1.4 srv1.example.test 88',
    ]);
    expect(events[0]).toMatchObject({ logonType: 'Network' });
    expect(stats.ignored).toEqual({ 'zeek ntlm without account': 1 });
  });

  it('maps calls, shares and look-ups, several logs in one file, whatever the spelling of names and times', async () => {
    const other = {
      '@stream': 'dce_rpc',
      ts: '2020-04-30T00:37:53.342607Z',
      uid: 'C1',
      id_orig_h: '10.0.1.4',
      id_resp_h: '10.0.0.4',
      id_resp_p: 445,
      rtt: 0.000816,
      endpoint: 'svcctl',
      operation: 'CreateServiceW',
    };
    const { events, stats } = await read(
      [
        `${JSON.stringify(other)}\n`,
        row({ '@stream': 'smb_mapping', path: '\\\\NEWYORK.dmevals.local\\IPC$', share_type: 'PIPE' }),
        row({ '@stream': 'smb_mapping', share_type: 'DISK' }),
        row({ '@stream': 'dns', query: 'Mail.Example.TEST', answers: ['10.0.0.9'] }),
        row({ '@stream': 'dns', query: '4.1.0.10.in-addr.arpa', answers: ['ws5.example.test'] }),
        row({ '@stream': 'dns' }),
        row({ '@stream': 'ssl' }),
        row({ '@stream': 'a\nb' }),
        row({ method: 'GET' }),
        `${JSON.stringify({ _path: 'conn', ts: 1588207074, id: { orig_h: '10.0.1.4', resp_h: '10.0.0.9' } })}\n`,
      ].join(''),
    );
    expect(events.map(line)).toEqual([
      'dce_rpc svcctl::CreateServiceW 10.0.1.4 10.0.0.4 445',
      'smb \\\\NEWYORK.dmevals.local\\IPC$ 10.0.1.4 newyork.dmevals.local 88',
      'smb DISK 10.0.1.4 10.0.0.4 88',
      '10.0.1.4 mail.example.test',
      'ws5.example.test 4.1.0.10.in-addr.arpa',
      '  ws5.example.test 10.0.0.9 0',
    ]);
    expect(events.map((event) => event.time)).toEqual([
      ...Array.from({ length: 5 }, () => 1588207073342),
      1588207074000,
    ]);
    expect(events[0]).toMatchObject({ durationMs: 0.816 });
    expect(events[0]?.source.uid).toBe('zeek dce_rpc C1 1588207073.342607  svcctl CreateServiceW');
    expect(events[5]?.source.uid).toBe('');
    expect(stats.ignored).toEqual({
      'zeek dns without query': 1,
      'zeek ssl': 1,
      'zeek log without a name': 2,
    });
  });

  it.each([
    ['conn', { conn_state: 'SF', proto: 'udp' }],
    ['dns', { trans_id: 1, qclass: 1, query: 'a' }],
    ['kerberos', { request_type: 'AS', client: 'a/B', success: true }],
    ['ntlm', { username: 'a', hostname: 'b', success: true }],
    ['smb_mapping', { path: '\\\\a\\b', share_type: 'DISK' }],
    ['smb_files', { action: 'SMB::FILE_OPEN', path: 'p', name: 'n' }],
    ['dce_rpc', { endpoint: 'e', operation: 'o' }],
  ])('knows a %s log that does not say so', async (stream, fields) => {
    const { events } = await read(row(fields));
    expect(events[0]?.source.uid).toMatch(new RegExp(`^zeek ${stream} C1 1588207073.342607`));
  });
});
