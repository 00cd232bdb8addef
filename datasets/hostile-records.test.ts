import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Format, ReaderContext } from './format.ts';
import { ocsfJson } from './ocsf-json/format.ts';
import { optcEcar } from './optc-ecar/format.ts';
import { optcRedteam } from './optc-redteam/format.ts';
import { collectText, temporaryFolder } from './fixtures/collect.ts';
import { LONGEST_NAME } from './name-lengths.ts';
import { readDataset } from './open.ts';
import { UTC } from './time-zone.ts';
import { zeekJson, zeekTsv } from './zeek/format.ts';

/** Outcomes by line; a line has one kind of outcome. */
function outcomes(format: Format, text: string): { lines: number; seen: Set<string>[] } {
  let lines = 0;
  const seen: Set<string>[] = [];
  const saw = (kind: string): void => void (seen[lines] ??= new Set()).add(kind);
  const context: ReaderContext = {
    dataset: 'd',
    maxLineBytes: 10_000,
    timeZone: UTC,
    line: () => void lines++,
    learn: () => undefined,
    emit: () => saw('event'),
    ignore: () => saw('ignored'),
    reject: () => saw('reject'),
    clock: () => undefined,
    note: () => undefined,
  };
  const reader = format.open(context);
  reader.write(Buffer.from(text));
  reader.end();
  return { lines, seen };
}

const NAMES =
  'ts uid _path @stream id.orig_h id_resp_h id query answers client service success action object hostname timestamp properties class_uid time metadata user evidences'.split(
    ' ',
  );
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    'conn',
    'dns',
    'kerberos',
    '10.0.0.1',
    1600000000.5,
    'FLOW',
    'START',
    3002,
    2004,
    'T',
    'a/B',
  ),
);
const jsonLine = fc
  .dictionary(fc.constantFrom(...NAMES), value, { noNullPrototype: true })
  .map((o) => JSON.stringify(o));
const cell = fc.oneof(
  fc.constantFrom('-', '(empty)', '1.5', '10.0.0.1', 'a\\x09b', 'T', '-   Malicious   x'),
  fc.string(),
);
const tsvLine = fc.oneof(
  fc.constantFrom(
    '#separator \\x09',
    '#separator ',
    '#set_separator\t',
    '#path\tconn',
    '#path\tdns',
    '#fields\tts\tuid\tid.orig_h\tid.resp_h',
    '#fields\tts\tid.orig_h   label',
  ),
  fc.array(cell, { maxLength: 5 }).map((cells) => cells.join('\t')),
);

function isRecord(format: Format, line: string): boolean {
  if (/^[ \t]*$/.test(line) || (format === zeekTsv && line.startsWith('#'))) return false;
  return format !== optcRedteam || line.trimEnd() !== 'id,description,label';
}

describe('whatever a record holds, it is an event, counted as not used, or a reject', () => {
  it.each([
    [ocsfJson.name, ocsfJson, jsonLine],
    [optcEcar.name, optcEcar, jsonLine],
    [zeekJson.name, zeekJson, jsonLine],
    [zeekTsv.name, zeekTsv, tsvLine],
    [optcRedteam.name, optcRedteam, tsvLine],
  ] as const)('%s', (_, format, record) => {
    const line = fc.oneof({ weight: 9, arbitrary: record }, { weight: 1, arbitrary: fc.string() });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (records) => {
        const text = records.map((each) => each.replaceAll(/[\r\n]/g, ' '));
        // A first line of its own keeps the layout of JSON one record a line.
        const { lines, seen } = outcomes(format, ['x', ...text].join('\n'));
        const kinds = seen.filter((each) => each !== undefined);
        expect(kinds.every((each) => each.size === 1)).toBe(true);
        expect(kinds).toHaveLength(1 + text.filter((each) => isRecord(format, each)).length);
        expect(lines).toBe(1 + text.length - (text.at(-1) === '' ? 1 : 0));
      }),
      { numRuns: 300 },
    );
  });
});

describe('names without end', () => {
  const event = (name: string, uid = '1') => ({
    class_uid: 3002,
    activity_id: 1,
    time: 1.6e12,
    metadata: { uid, version: '1.3.0' },
    user: { name },
    src_endpoint: { hostname: 'pc1.x.example', ip: '10.0.0.1' },
    dst_endpoint: { hostname: 'srv1.x.example' },
  });

  it('are rejects with their line, and no table of names gets them', async () => {
    const long = 'n'.repeat(LONGEST_NAME + 1);
    const lines = [event('ann'), event(long), event('bob', long), event('n'.repeat(LONGEST_NAME), '2')];
    const { events, stats } = await collectText(lines.map((one) => `${JSON.stringify(one)}\n`).join(''), {
      maxRejectShare: 1,
    });
    expect(events).toHaveLength(2);
    expect(stats).toMatchObject({ lines: 4, records: 2, rejects: 2 });
    expect(stats.rejectList.map(({ line }) => line)).toEqual([2, 3]);
  });

  it('are not learnt: what a Windows host calls itself, or another', async () => {
    const windows = (host: string) =>
      JSON.stringify({
        EventID: 4624,
        Channel: 'Security',
        Hostname: host,
        '@timestamp': '2026-01-01T00:00:00Z',
        TargetUserName: 'ann',
        LogonType: 3,
        IpAddress: '10.0.0.1',
        WorkstationName: 'pc1',
      });
    using folder = temporaryFolder();
    writeFileSync(folder.path('a'), [`${'n'.repeat(100_000)}.x`, 'srv1.x'].map(windows).join('\n'));
    const reading = readDataset(folder.path('a'), { maxRejectShare: 1 });
    for await (const _ of reading);
    expect(reading.stats).toMatchObject({ events: 1, rejects: 1 });
    expect(JSON.stringify(reading.hosts.snapshot()).length).toBeLessThan(1000);
  });
});
