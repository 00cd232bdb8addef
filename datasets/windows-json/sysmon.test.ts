import { describe, expect, it } from 'vitest';
import { UTC } from '../time-zone.ts';
import { windowsRecord } from './record.ts';
import { reportedNames, SYSMON_EVENTS } from './sysmon.ts';

/** What a Sysmon 3 of dc.test with these fields becomes, and what is learnt of addresses. */
function connection(fields: Record<string, string>): string[] {
  const json = { EventID: 3, Hostname: 'dc.test', '@timestamp': '2020-01-01T00:00:00Z', ...fields };
  const record = windowsRecord(json, UTC);
  const map = SYSMON_EVENTS.get(3);
  if (typeof record === 'string' || map === undefined) throw new Error('not read');
  const learnt: string[] = [];
  const event = map(record, (address, host) => learnt.push(`${address} is ${host}`), {
    dataset: 'test',
    record: 1,
    uid: '',
  });
  if (event.type !== 'flow') throw new Error(event.type);
  const { srcName, dstName } = reportedNames(record);
  const end = (host: string, port: number, name: string): string => `${host}:${port}(${name})`;
  return [
    `${end(event.srcHost, event.srcPort, srcName)} ${end(event.dstHost, event.dstPort, dstName)}`,
    ...learnt,
  ];
}

const ends = (source: string, destination: string): Record<string, string> => {
  const [sourceIp = '', sourcePort = ''] = source.split(' ');
  const [destinationIp = '', destinationPort = ''] = destination.split(' ');
  return {
    SourceIp: sourceIp,
    SourcePort: sourcePort,
    SourceHostname: 's',
    DestinationIp: destinationIp,
    DestinationPort: destinationPort,
    DestinationHostname: 'd',
  };
};

describe('Sysmon 3', () => {
  it('began here: the source is this host, whose address is learnt', () => {
    for (const Protocol of ['tcp', 'udp'])
      expect(connection({ Initiated: 'true', Protocol, ...ends('10.0.0.1 50000', '10.0.0.2 53') })).toEqual([
        'dc.test:50000(s) 10.0.0.2:53(d)',
        '10.0.0.1 is dc.test',
      ]);
  });

  it('came here: the destination is this host; its address is learnt from TCP alone', () => {
    const came = { Initiated: 'false', ...ends('10.0.0.2 50000', '10.0.0.1 445') };
    expect(connection({ Protocol: 'tcp', ...came })).toEqual([
      '10.0.0.2:50000(s) dc.test:445(d)',
      '10.0.0.1 is dc.test',
    ]);
    const toAll = { Initiated: 'false', Protocol: 'udp', ...ends('10.0.0.2 137', '10.0.0.255 137') };
    expect(connection(toAll)).toEqual(['10.0.0.2:137(s) dc.test:137(d)']);
  });

  it('an answer over UDP that Sysmon writes from its own side is what the other side asked', () => {
    const answer = { Initiated: 'false', Protocol: 'udp', ...ends('10.0.0.1 389', '10.0.0.5 51883') };
    expect(connection(answer)).toEqual(['10.0.0.5:51883(d) dc.test:389(s)']);
  });
});
