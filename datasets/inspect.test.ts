import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixture, temporaryFolder } from './fixtures/collect.ts';
import { makeZip } from './fixtures/zip.ts';
import { inspectDataset } from './inspect.ts';
import { renderInspection } from './inspect-text.ts';
import { TopCounter } from './top-counter.ts';

describe('inspectDataset', () => {
  it('counts events, kinds, hosts, accounts, ignored ids and rejects, and gives the time span', async () => {
    const found = await inspectDataset(fixture('windows-flat.jsonl'));
    expect(found).toMatchObject({
      formats: { 'windows-json': 1 },
      records: 10,
      eventsByType: { auth: 6, process: 1, flow: 1, detection: 0 },
      failures: 2,
      ignored: { '1': 1, '10': 1 },
      rejects: 1,
      recordingSpan: null,
      calendarSpan: { first: Date.UTC(2020, 8, 21, 22, 58, 57), last: Date.UTC(2020, 8, 21, 22, 59, 7) },
    });
    expect(found.topHosts[0]).toEqual({ name: 'ws5.example.test', count: 7 });
    const text = renderInspection(found);
    for (const part of [
      'windows-json (1 file)',
      '10 in 12 lines',
      '6 auth',
      'ws5.example.test',
      'cut short',
      '1  event id 10\n',
      'Time       2020-09-21T22:58:57.000Z to 2020-09-21T22:59:07.000Z (10.0 seconds)\n',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('warns where the truth of a simulation is read beside its logs', async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.path('truth'));
    copyFileSync(fixture('redteam.txt'), folder.path('truth/redteam.txt'));
    copyFileSync(fixture('redteam.txt'), folder.path('untruth.txt'));
    expect((await inspectDataset(folder.root)).warnings.join()).toContain('folder truth');
    expect((await inspectDataset(folder.path('truth'))).warnings).toEqual([]);
  });

  it('gives the spans of a folder with calendar and relative time apart', async () => {
    using folder = temporaryFolder();
    copyFileSync(fixture('auth.txt'), folder.path('auth.txt'));
    copyFileSync(fixture('windows-flat.jsonl'), folder.path('windows.jsonl'));
    const found = await inspectDataset(folder.root);
    const alone = await inspectDataset(folder.path('auth.txt'));
    expect(alone.calendarSpan).toBeNull();
    expect(found.recordingSpan).toEqual(alone.recordingSpan);
    const text = renderInspection(found);
    expect(text).toContain(
      'Time       2020-09-21T22:58:57.000Z to 2020-09-21T22:59:07.000Z (10.0 seconds)\n',
    );
    expect(text).toMatch(/\nand {8}\d+ s to \d+ s since the start of the recording \(\d+\.\d seconds\)\n/);
  });

  it('lets no control or format character reach the terminal: of names, of a line, of an entry, of a parser', async () => {
    using folder = temporaryFolder();
    const row = '1,U1@D,U1@D,C1,C\u001b[31m2\u2028\u202e,NTLM,Network,LogOn,Success\n\u001b]0;x\u0007\n';
    const json =
      '{"@timestamp":"2020-09-21T22:58:57.000Z","Channel":"security","EventID":4624,"Hostname":"a"';
    writeFileSync(
      folder.path('a.zip'),
      makeZip({
        'na\u202eme.txt': Buffer.from(row.repeat(2)),
        'b.json': Buffer.from(`${json}}\n${json},\u001b[2J}\n`),
      }),
    );
    const text = renderInspection(await inspectDataset(folder.path('a.zip')));
    expect(text).toContain('c [31m2');
    expect(text).toContain('not JSON');
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
});

describe('TopCounter', () => {
  it('keeps the most frequent names right when it has to forget', () => {
    const counter = new TopCounter(100);
    for (let i = 0; i < 5000; i++) {
      counter.add('often');
      if (i % 2 === 0) counter.add('second');
      counter.add(`rare${i}`);
    }
    expect(counter.top(2)).toEqual([
      { name: 'often', count: 5000 },
      { name: 'second', count: 2500 },
    ]);
  });
});
