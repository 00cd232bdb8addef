import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../../test/shared-data.ts';
import { collect, temporaryFolder } from '../fixtures/collect.ts';
import { makeEvtx, seal, type MadeEvent } from '../fixtures/evtx.ts';
import type { ReaderContext } from '../format.ts';
import { UTC } from '../time-zone.ts';
import { BinaryXml } from './binary-xml.ts';
import { CHUNK_BYTES, chunkRecords, fileHeader, isUnused } from './chunks.ts';
import { evtx } from './format.ts';
import { dataFields, evtxRecord } from './record.ts';

const samples = sharedData('telemetry/evtx/sbousseaden');
const START = Date.UTC(2024, 4, 1, 10);

const logon = (i: number): MadeEvent => ({
  id: 4624,
  channel: 'Security',
  computer: 'DC1.example.test',
  time: START + i,
  data: {
    SubjectUserName: '-',
    TargetUserName: `user${i}`,
    TargetDomainName: 'EXAMPLE',
    LogonType: '3',
    AuthenticationPackageName: 'NTLM',
    WorkstationName: 'WS7',
    IpAddress: '10.0.0.7',
  },
});
const other: MadeEvent = { ...logon(0), id: 5145, data: { ShareName: '\\\\*\\C$' } };
const LOG = makeEvtx([logon(1), other, logon(2)], [logon(3)]);

/** What the reader tells of bytes in chunks of the given size. */
function read(bytes: Buffer, step = bytes.length): { events: number; ignored: number; rejects: string[] } {
  const told = { events: 0, ignored: 0, rejects: [] as string[] };
  let lines = 0;
  const context: ReaderContext = {
    dataset: 'test',
    maxLineBytes: 1 << 20,
    timeZone: UTC,
    line: () => void lines++,
    learn: () => {},
    clock: () => {},
    emit: () => void told.events++,
    note: () => undefined,
    ignore: () => void told.ignored++,
    reject: (line, reason) => void told.rejects.push(`${line}: ${reason}`),
  };
  const reader = evtx.open(context);
  for (let at = 0; at < bytes.length; at += step) reader.write(bytes.subarray(at, at + step));
  reader.end();
  expect(told.events + told.ignored + told.rejects.length).toBe(lines);
  return told;
}

describe('evtx', () => {
  it('reads logons by the same table as JSON, plain and compressed', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('Security.evtx'), LOG);
    writeFileSync(folder.path('more.gz'), gzipSync(LOG));
    const { events, stats } = await collect(folder.path('Security.evtx'));
    expect(events).toHaveLength(3);
    expect(events[0]).toEqual({
      type: 'auth',
      time: START + 1,
      srcHost: 'ws7',
      dstHost: 'dc1.example.test',
      srcAccount: 'user1@example',
      dstAccount: 'user1@example',
      protocol: 'NTLM',
      logonType: 'Network',
      action: 'LogOn',
      success: true,
      source: {
        dataset: 'Security',
        record: 1,
        uid: 'security/dc1.example.test/1@2024-05-01T10:00:00.001Z',
      },
    });
    expect(stats).toMatchObject({ lines: 4, records: 4, rejects: 0, ignored: { '5145': 1 } });
    expect((await collect(folder.path('more.gz'))).events).toHaveLength(3);
  });

  it('reads the same whatever the bytes come in', () => {
    const whole = read(LOG);
    expect(whole).toEqual({ events: 3, ignored: 1, rejects: [] });
    for (const step of [1000, 4096, 65_536, 65_537]) expect(read(LOG, step), String(step)).toEqual(whole);
  });

  it('makes rejects of a damaged chunk and reads the next one', () => {
    const log = Buffer.from(LOG);
    // The last byte but the size of the third record: the end of its binary XML.
    log.writeUInt8(0x55, 4096 + log.readUInt32LE(4096 + 48) - 5);
    const { events, rejects } = read(log);
    expect(events).toBe(1);
    expect(rejects).toEqual([1, 2, 3].map((i) => `${i}: a chunk whose checksum is wrong`));
    log.writeUInt32LE(1, 120);
    expect(read(log), 'a log that was open: Windows writes checksums late').toEqual({
      events: 2,
      ignored: 1,
      rejects: ['3: damaged: the unknown token 85'],
    });
  });

  it('makes one reject of what a cut file lacks, wherever it is cut', () => {
    for (let length = 8; length < LOG.length; length += 997) {
      const { events, rejects } = read(LOG.subarray(0, length));
      expect(rejects, String(length)).toHaveLength(1);
      expect(events).toBeLessThan(4);
    }
    expect(read(LOG.subarray(0, LOG.length - CHUNK_BYTES)).rejects).toEqual([
      '4: the file ends after 1 of 2 chunks',
    ]);
    expect(read(LOG.subarray(0, 50)).rejects).toEqual(['1: the file ends within its header']);
  });

  it('leaves out chunks that Windows set aside and never used', () => {
    expect(read(Buffer.concat([LOG, Buffer.alloc(CHUNK_BYTES)]))).toEqual(read(LOG));
  });

  it('takes bytes that are no log or another version for one reject', () => {
    const log = Buffer.from(LOG);
    log.writeUInt16LE(9, 38);
    expect(read(log).rejects).toEqual(['1: version 9.1 of the event log format, which is not known']);
  });

  it('ends on any bytes with every record an event, ignored or a reject, and never throws', () => {
    const place = fc.integer({ min: 4096, max: 4096 + 3000 });
    const changes = fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(changes, (bytes) => {
        const log = Buffer.from(LOG);
        for (const [at, value] of bytes) log.writeUInt8(value, at);
        seal(log.subarray(4096, 4096 + CHUNK_BYTES));
        expect(read(log).events).toBeLessThan(4);
      }),
      { numRuns: 500 },
    );
  });
});

describe.skipIf(samples === null)('recorded event logs (needs shared data)', () => {
  const files = samples === null ? [] : readdirSync(samples).filter((name) => name.endsWith('.evtx'));

  it('give every record and every named field as evtx_dump does, in all 47 files', () => {
    // evtx_dump 0.15.1 (Rust crate evtx), `-o jsonl -t 1`, files in order of name; of each record the event id, channel,
    // computer, time to milliseconds, record number and the scalars of EventData sorted by name and in lower case,
    // joined by |; SHA-256 of the lines by Python's hashlib. 1288 records, 15,984 fields.
    const hash = createHash('sha256');
    let [records, fields] = [0, 0];
    for (const name of files.toSorted()) {
      const file = readFileSync(`${samples ?? ''}/${name}`);
      const header = fileHeader(file);
      if (typeof header === 'string') throw new Error(header);
      for (let at = header.bytes; at < file.length; at += CHUNK_BYTES) {
        const chunk = file.subarray(at, at + CHUNK_BYTES);
        if (isUnused(chunk)) continue;
        const xml = new BinaryXml(chunk);
        for (const place of chunkRecords(chunk, header.dirty)) {
          if ('damaged' in place) throw new Error(place.damaged);
          const { eventId, channel, computer, time, recordId, data } = evtxRecord(
            xml.read(place.start, place.end),
          );
          const named = data?.name === 'EventData' ? [...dataFields(data)] : [];
          const texts = named
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, v]) => `${key}=${v.toLowerCase()}`);
          const line = [String(eventId), channel, computer, time.slice(0, 23), recordId, ...texts].join('|');
          hash.update(`${line}\n`);
          records++;
          fields += texts.length;
        }
      }
    }
    expect([files.length, records, fields]).toEqual([47, 1288, 15_984]);
    expect(hash.digest('hex')).toBe('1d22fd131b26cb9ef488c7a759dc9d2f68497c2ea45fdf8786ca490b4b0d4b1f');
  });

  it('give as many events of each type as evtx_dump has records of the ids that are used', async () => {
    // From the same output: ids 4624, 4648, 4776 of Security; 4688 of Security and 1 of Sysmon; 3 of Sysmon.
    const { stats } = await collect(samples ?? '');
    expect(stats).toMatchObject({ records: 1288, rejects: 0, skipped: [{ file: 'LICENSE.GPL' }] });
    expect(stats.eventsByType).toEqual({ auth: 27, process: 71, flow: 46, dns: 0, detection: 0 });
  });
});
