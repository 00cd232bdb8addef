import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { logon } from '../../test/auth-event.ts';
import { sharedData } from '../../test/shared-data.ts';
import { IncidentIndex } from '../train/incidents.ts';
import { LABELS_FILE, addLabels, removeLabel } from './label-book.ts';
import { type Statement, makeLabel } from './label.ts';
import { readImport } from './read-import.ts';

const ANN = { by: 'ann', at: 5 };
const redteam = sharedData('telemetry/lanl2015/redteam.txt');
const optc = sharedData('telemetry/optc/optc_redteam.csv');

describe('importing labels', () => {
  it('takes a second of LANL red-team rows, each with its account and hosts, and counts what is repeated or bad', async () => {
    using folder = temporaryFolder();
    const row = '150885,U620@DOM1,C17693,C1003';
    const rows = [row, '151036,U748@DOM1,C17693,C305', row, 'no row', ...Array<string>(100).fill(row)];
    writeFileSync(folder.path('redteam.txt'), rows.map((line) => `${line}\n`).join(''));
    const found = await readImport(folder.path('redteam.txt'), 'exercise', ANN);
    expect(found).toMatchObject({
      repeated: 101,
      rejects: 1,
      ignored: 0,
      firstReject: expect.stringMatching(/^line 4: not time,user/) as string,
    });
    expect(found.labels).toMatchObject([
      {
        from: 150_885_000,
        to: 150_886_000,
        account: 'u620@dom1',
        source: 'c17693',
        destination: 'c1003',
        campaign: 'exercise',
        ...ANN,
      },
      { from: 151_036_000 },
    ]);
  });

  it('takes an OpTC label as the one event that it names, whenever that was', async () => {
    using folder = temporaryFolder();
    const id = '00000000-0000-0000-0000-00000000000a';
    const text = `id,description,label\n${id},Day 1 - SysClient0201 -> 142.20.56.204 (SMB),Lateral movement\n`;
    writeFileSync(folder.path('labels.csv'), text);
    const { labels } = await readImport(folder.path('labels.csv'), 'day 1', ANN);
    expect(labels).toMatchObject([{ uid: id, from: null, account: null, note: 'Lateral movement' }]);
    const index = new IncidentIndex([], labels);
    const event = (uid: string) => logon(9e5, 'a', 'b', 'u', { source: { dataset: 'd', record: 1, uid } });
    expect([id, 'x'].map((uid) => index.campaignOf(event(uid)))).toEqual(['day 1', null]);
  });

  it('takes detections without an account as those of any, and rejects those that name nothing', async () => {
    using folder = temporaryFolder();
    const event = { type: 'detection', time: 7900.5, srcHost: 'x', dstHost: '', account: '', label: '' };
    const lines = [
      { ...event, technique: 'T1021', source: { dataset: 'd', record: 1, uid: 'u' } },
      { ...event, srcHost: '', technique: '', source: { dataset: 'd', record: 2, uid: '' } },
      logon(1, 'a', 'b'),
    ];
    writeFileSync(folder.path('a.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const found = await readImport(folder.path('a.jsonl'), 'c', ANN);
    expect(found.labels).toMatchObject([
      { from: 7000, to: 8000, account: null, source: 'x', destination: null, technique: 'T1021' },
    ]);
    expect(found).toMatchObject({
      rejects: 1,
      ignored: 1,
      firstReject: 'record 2: neither an account nor a source nor a destination',
    });
  });

  it('takes what counts in another label file as it stands there, and nothing of one that is damaged', async () => {
    using folder = temporaryFolder();
    const said: Statement = {
      from: 1,
      to: 2,
      account: 'a',
      source: null,
      destination: null,
      uid: null,
      campaign: 'c',
      technique: null,
      note: null,
      verdict: 'benign',
    };
    const [a, b] = [makeLabel(said, ANN), makeLabel({ ...said, to: 3 }, ANN)];
    await addLabels(folder.root, [a, b], true);
    await removeLabel(folder.root, a.id, ANN);
    const file = folder.path(LABELS_FILE);
    expect(await readImport(file, 'other', { by: 'bob', at: 9 })).toMatchObject({ labels: [b] });
    writeFileSync(file, readFileSync(file, 'utf8').replace('"to":3', '"to":4'));
    await expect(readImport(file, 'c', ANN)).rejects.toMatchObject({ code: 'ENCODING_INVALID' });
  });

  it('says that there is nothing to label, or no file', async () => {
    using folder = temporaryFolder();
    writeFileSync(
      folder.path('auth.txt'),
      'U1@D,U1@D,C1,C2,Kerberos,Network,LogOn,Success\n'.replace(/^/, '1,'),
    );
    await expect(readImport(folder.path('auth.txt'), 'c', ANN)).rejects.toMatchObject({
      code: 'DATA_INSUFFICIENT',
      got: '1 events of other kinds, 0 rejects',
    });
    await expect(readImport(folder.path('none'), 'c', ANN)).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });

  // sort -u redteam.txt | wc -l: 715; wc -l: 749
  it.skipIf(redteam === null)(
    'all of LANL 2015: every row means its events (needs shared data)',
    async () => {
      const { labels, repeated, rejects } = await readImport(redteam ?? '', 'c', ANN);
      expect([labels.length + repeated, rejects]).toEqual([749, 0]);
      const index = new IncidentIndex([], labels);
      for (const line of readFileSync(redteam ?? '', 'utf8')
        .toLowerCase()
        .trim()
        .split('\n')) {
        const [time = '', account = '', source = '', destination = ''] = line.split(',');
        const event = (seconds: number) =>
          logon(0, source, destination, account, { time: (Number(time) + seconds) * 1000 });
        expect(index.campaignOf(event(0.5))).toBe('c');
      }
    },
  );

  it.skipIf(optc === null)('all labels of OpTC (needs shared data)', async () => {
    const { labels, repeated, rejects } = await readImport(optc ?? '', 'c', ANN);
    expect(labels.every(({ uid }) => uid !== null)).toBe(true);
    // The file has 1,360 lines, the first of them the names of its columns.
    expect([labels.length + repeated, rejects]).toEqual([1359, 0]);
  });
});
