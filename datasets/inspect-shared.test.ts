import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CordonError } from '../protocol/errors.ts';
import { sharedData } from '../test/shared-data.ts';
import { inspectDataset } from './inspect.ts';
import { renderInspection } from './inspect-text.ts';

const telemetry = sharedData('telemetry');
const formats = sharedData('formats');
const mordor = sharedData('telemetry/mordor');
const evtx = sharedData('telemetry/evtx/sbousseaden');

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** What an inspection says of a file, or why there is none. */
async function inspected(path: string): Promise<string> {
  try {
    const found = await inspectDataset(path);
    expect(renderInspection(found)).not.toMatch(/undefined|NaN/);
    return `${Object.keys(found.formats).join(' ')} ${found.rejects} rejects`;
  } catch (error) {
    if (!(error instanceof CordonError)) throw error;
    expect(error.next.length).toBeGreaterThan(20);
    return `${error.code} ${error.got}`;
  }
}

describe.skipIf(telemetry === null || formats === null)('genuine files (needs shared data)', () => {
  it('are all inspected, or refused by the name of what they are', async () => {
    const read = new Map<string, number>();
    const refused: string[] = [];
    const rejects: string[] = [];
    for (const root of [telemetry ?? '', formats ?? '']) {
      for (const path of filesBelow(root)) {
        const said = await inspected(path);
        if (said.startsWith('FORMAT_UNKNOWN')) refused.push(said);
        else {
          const format = said.split(' ')[0] ?? '';
          read.set(format, (read.get(format) ?? 0) + 1);
          if (!said.endsWith(' 0 rejects')) rejects.push(`${relative(root, path)}: ${said}`);
        }
      }
    }
    expect([...read.keys()]).not.toContain('');
    expect(refused.filter((said) => !said.endsWith(': not read'))).toEqual([]);
    expect({ windows: read.get('windows-json'), evtx: read.get('evtx') }).toEqual({ windows: 70, evtx: 47 });
    // Both are lines put together by hand with words between them, not files that somebody logs.
    const names = rejects.map((text) => text.split(':')[0]);
    expect(names).toEqual(['lanl2015_proc_flows_dns.txt', 'optc_ecar_flow.SCHEMA_ONLY.txt']);
  }, 300_000);
});

/** Records, events by type, kinds not used and the times of the first and last event. */
type Counts = [number, Record<string, number>, number, string, string];

/** Python's json over the lines: ids of `SECURITY_EVENTS` and `SYSMON_EVENTS` by channel, times from @timestamp or TimeCreated. */
const FLAT: [
  path: string,
  counts: Counts,
  outOfOrder: number,
  late: number,
  clock: Record<string, number>,
][] = [
  [
    'lateral_movement/host/empire_psexec_dcerpc_tcp_svcctl.zip',
    [4348, { auth: 18, process: 38, flow: 8 }, 4284, '2020-09-20T16:16:10.374Z', '2020-09-20T16:17:58.965Z'],
    0,
    0,
    { '240': 64 },
  ],
  [
    'lateral_movement/host/schtask_create.zip',
    [1041, { auth: 2, process: 36, flow: 6 }, 997, '2020-12-19T06:59:37.800Z', '2020-12-19T07:00:24.264Z'],
    29,
    0,
    {},
  ],
  [
    'compound/LSASS_campaign_01/metasploit_logonpasswords_lsass_memory_dump.zip',
    [
      53_698,
      { auth: 7, process: 620, flow: 140 },
      52_931,
      '2023-08-15T09:53:48.447Z',
      '2023-08-15T10:00:11.278Z',
    ],
    219,
    16,
    {},
  ],
];

/** evtx_dump 0.15.1 (Rust crate evtx), counted by Python. */
const BINARY: [path: string, counts: Counts][] = [
  [
    'ImpersonateUser-via local Pass The Hash Sysmon and Security.evtx',
    [14, { auth: 1, process: 4, flow: 7 }, 2, '2021-04-20T20:32:55.368Z', '2021-04-20T20:33:20.254Z'],
  ],
  [
    'LM_ScheduledTask_ATSVC_target_host.evtx',
    [34, { auth: 10, process: 4 }, 20, '2019-03-19T00:02:04.179Z', '2019-03-19T00:02:21.929Z'],
  ],
  [
    'smbmap_upload_exec_sysmon.evtx',
    [27, { process: 3, flow: 7 }, 17, '2020-10-17T22:52:31.218Z', '2020-10-17T22:53:06.755Z'],
  ],
];

describe.skipIf(mordor === null || evtx === null)(
  'counts of an independent reader (needs shared data)',
  () => {
    const counts = async (path: string): Promise<Counts> => {
      const { records, eventsByType, ignored, calendarSpan } = await inspectDataset(path);
      const used = Object.entries(eventsByType).filter(([, n]) => n > 0);
      const time = (ms: number | undefined): string => new Date(ms ?? NaN).toISOString();
      const unused = Object.values(ignored).reduce((sum, n) => sum + n, 0);
      return [records, Object.fromEntries(used), unused, time(calendarSpan?.first), time(calendarSpan?.last)];
    };

    it.each(FLAT)('%s: flat JSON', async (path, expected, outOfOrder, late, clockMinutes) => {
      const whole = join(mordor ?? '', path);
      expect(await counts(whole)).toEqual(expected);
      const found = await inspectDataset(whole);
      expect(found).toMatchObject({ outOfOrder, late });
      expect(found.clockMinutes).toEqual(clockMinutes);
      expect(found.warnings.some((text) => text.includes('4 hours behind UTC'))).toBe('240' in clockMinutes);
      expect(found.warnings.some((text) => text.startsWith(`${late} events`))).toBe(late > 0);
    });

    it.each(BINARY)('%s: EVTX', async (path, expected) => {
      expect(await counts(join(evtx ?? '', path))).toEqual(expected);
    });

    it('winlogbeat 6: the five genuine lines, of kinds that are not used', async () => {
      const found = await inspectDataset(sharedData('formats/winlogbeat_legacy_nested.jsonl') ?? '');
      expect(found).toMatchObject({ records: 5, events: 0, rejects: 0, formats: { 'windows-json': 1 } });
      expect({ ...found.ignored }).toEqual({ '800': 3, '4103': 2 });
    });
  },
);
