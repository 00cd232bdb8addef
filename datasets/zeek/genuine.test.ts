import { describe, expect, it } from 'vitest';
import { sharedData } from '../../test/shared-data.ts';
import { collect } from '../fixtures/collect.ts';

const shared = (sub: string): string | null => sharedData(`telemetry/${sub}`);
const port = shared('zeek/stratosphere/002-zeek-scenario-port-scanning__conn.log');
const mixed8 = shared('zeek/stratosphere/008-zeek-mixed__data__conn.log.labeled');
const mixed10 = shared('zeek/stratosphere/010-zeek-mixed__data__conn.log.labeled');
const apt29 = shared('apt29/day1_combined_zeek.log');
const scranton = shared('mordor/compound/apt29/day1/zeek/SCRANTON-zeek_logs.zip');
const lsass = shared(
  'mordor/compound/LSASS_campaign_01/metasploit_logonpasswords_lsass_memory_dump_zeek_logs.zip',
);

async function totals(path: string): Promise<Record<string, number>> {
  const { events, stats } = await collect(path);
  const sum = { flows: 0, detections: 0, dns: 0, auth: 0, bytesOut: 0, bytesIn: 0, packets: 0, other: 0 };
  const sources = new Set<string>();
  const seen = new Set<string>();
  for (const event of events) {
    seen.add(`${event.type} ${event.source.uid}`);
    if (event.type === 'detection') sum.detections++;
    else if (event.type === 'dns') sum.dns++;
    else if (event.type === 'auth') sum.auth++;
    if (event.type !== 'flow') continue;
    sum.flows++;
    if (event.operation === '') sources.add(event.srcHost);
    if (event.transport === 'other') sum.other++;
    sum.bytesOut += event.bytesOut ?? 0;
    sum.bytesIn += event.bytesIn ?? 0;
    sum.packets += event.packets ?? 0;
  }
  return { ...sum, sources: sources.size, repeated: events.length - seen.size, rejects: stats.rejects };
}

/*
 * The numbers are pandas' (3.1): tab-separated files by splitting at tabs and taking `#fields` for column names, `-` as
 * missing; JSON with json.loads line by line; sums over the columns, `other` the rows whose proto is icmp, `sources`
 * distinct id.orig_h of conn, tickets the kerberos rows with a client less those with KDC_ERR_PREAUTH_REQUIRED, look-ups
 * the dns rows with a query.
 */
describe('genuine Zeek logs give what pandas counts in them', () => {
  it.skipIf(mixed8 === null)('labelled, tab-separated: 008 of Stratosphere (needs shared data)', async () => {
    expect(await totals(mixed8 ?? '')).toEqual({
      flows: 5663,
      detections: 4201,
      dns: 0,
      auth: 0,
      bytesOut: 5947174,
      bytesIn: 9107232,
      packets: 56463,
      other: 20,
      sources: 1600,
      repeated: 0,
      rejects: 0,
    });
  });

  it.skipIf(mixed10 === null)(
    'labelled, tab-separated: 010 of Stratosphere (needs shared data)',
    async () => {
      expect(await totals(mixed10 ?? '')).toEqual({
        flows: 5347,
        detections: 3373,
        dns: 0,
        auth: 0,
        bytesOut: 124768686,
        bytesIn: 1656251157,
        packets: 2189856,
        other: 88,
        sources: 1592,
        repeated: 0,
        rejects: 0,
      });
    },
  );

  it.skipIf(lsass === null)('tab-separated, an archive of twelve logs (needs shared data)', async () => {
    expect(await totals(lsass ?? '')).toMatchObject({
      flows: 112 + 1,
      dns: 28,
      auth: 8,
      bytesOut: 872,
      bytesIn: 2222829,
      packets: 2444,
      sources: 4,
      repeated: 0,
      rejects: 0,
    });
  });

  it.skipIf(port === null)(
    'JSON that does not name its log: 002 of Stratosphere (needs shared data)',
    async () => {
      expect(await totals(port ?? '')).toEqual({
        flows: 4504,
        detections: 0,
        dns: 0,
        auth: 0,
        bytesOut: 3136,
        bytesIn: 14616,
        packets: 6442,
        other: 383,
        sources: 1,
        repeated: 0,
        rejects: 0,
      });
    },
  );

  it.skipIf(apt29 === null)('JSON, fourteen logs in one file: APT29 (needs shared data)', async () => {
    expect(await totals(apt29 ?? '')).toMatchObject({
      flows: 613 + 123 + 12 + 11,
      dns: 53,
      auth: 25 - 7,
      bytesOut: 15281009,
      bytesIn: 40784164,
      packets: 29466,
      sources: 2,
      repeated: 0,
      rejects: 0,
    });
    const { events, stats } = await collect(apt29 ?? '');
    const tickets = new Map<string, number>();
    for (const event of events) {
      if (event.type !== 'auth' || event.action !== 'TGS') continue;
      tickets.set(event.dstHost, (tickets.get(event.dstHost) ?? 0) + 1);
    }
    // cifs/NASHUA 4, HTTP/NASHUA 1, host/nashua.dmevals.local 3, cifs/NEWYORK, ldap/NEWYORK.dmevals.local, krbtgt 1.
    expect(Object.fromEntries(tickets)).toEqual({
      nashua: 5,
      'nashua.dmevals.local': 3,
      newyork: 1,
      'newyork.dmevals.local': 1,
      '10.0.0.4': 1,
    });
    expect(stats.ignored).toMatchObject({
      'zeek files': 448,
      'zeek ssl': 378,
      'zeek x509': 378,
      'zeek http': 62,
    });
  });

  it.skipIf(scranton === null)('JSON, an archive of fourteen logs (needs shared data)', async () => {
    const { stats } = await collect(scranton ?? '');
    expect(stats.files.map((file) => file.format)).toEqual(Array.from({ length: 14 }, () => 'zeek-json'));
    expect(stats).toMatchObject({ lines: 415, records: 415, rejects: 0 });
  });
});
