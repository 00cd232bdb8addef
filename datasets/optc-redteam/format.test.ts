import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../../test/shared-data.ts';
import { collect, temporaryFolder } from '../fixtures/collect.ts';

const labels = sharedData('telemetry/optc/optc_redteam.csv');

const ID = '00000000-0000-0000-0000-00000000000';

describe('optc-redteam', () => {
  it('gives a detection for every label: uid of the event, hosts where the description names them', async () => {
    using folder = temporaryFolder();
    const rows = [
      'id,description,label',
      `${ID}1,Day 1 - SysClient0201 -> 142.20.56.204 (SMB),Lateral movement`,
      `${ID}2,Day 2 - DC1 -> multiple hosts (invoke_wmi),Lateral movement`,
      `${ID}A,"Day 1 - Ping sweep from SysClient0402, twice",Other`,
      `${ID}4,Flows from malicious processes,Other`,
      'not an id,x,Other',
    ];
    writeFileSync(folder.path('labels.csv'), rows.join('\r\n'));
    const { events, stats } = await collect(folder.path('labels.csv'));
    expect(events).toMatchObject([
      { srcHost: 'sysclient0201.systemia.com', dstHost: '142.20.56.204', label: 'Lateral movement', time: 0 },
      { srcHost: 'dc1.systemia.com', dstHost: '' },
      {
        srcHost: 'sysclient0402.systemia.com',
        dstHost: '',
        label: 'Other',
        source: { uid: `${ID}a`, record: 4 },
      },
      { srcHost: '', dstHost: '' },
    ]);
    expect(stats).toMatchObject({ lines: 6, records: 4, rejects: 1 });
  });

  it.skipIf(labels === null)('counts what Python counts in the labels (needs shared data)', async () => {
    const { events } = await collect(labels ?? '');
    // Python 3.11, csv.DictReader: rows, rows by label, distinct ids, rows with `->` in the description.
    const of = (label: string): number =>
      events.filter((event) => event.type === 'detection' && event.label === label).length;
    expect([events.length, of('Lateral movement'), of('Other')]).toEqual([1359, 249, 1110]);
    expect(new Set(events.map((event) => event.source.uid)).size).toBe(1359);
    expect(events.filter((event) => event.type === 'detection' && event.srcHost !== '')).toHaveLength(
      247 + 562,
    );
  });
});
