import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { formatEvent, writeEvents } from '../../../datasets/cordon-jsonl/write.ts';
import { makeZip } from '../../../datasets/fixtures/zip.ts';
import { AT } from '../../../participant/features/edge-v1.ts';
import { DAY_MS } from '../../../models/metrics/alerts.ts';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';
import { prepareSite } from '../../../test/prepare-site.ts';
import { sharedData } from '../../../test/shared-data.ts';
import { syntheticSite } from '../../../test/synthetic-site.ts';
import { frameMembers } from '../../evaluate/framed-members.ts';
import { type Recording, readRecordings } from './read-recordings.ts';
import { middleMember, recordedRows } from './recorded-rows.ts';
import { recordingFigures } from './recording-figures.ts';

const { events, truth } = syntheticSite({ seed: 8, people: 20, servers: 5, days: 4, campaigns: 3 });
const sorted = events.toSorted((a, b) => a.time - b.time);
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-recordings-'));
  await writeEvents(join(folder, 'port.jsonl'), [sorted]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const logon = (src: string, dst: string, minute: number, more: Partial<AuthEvent> = {}): AuthEvent => ({
  type: 'auth',
  time: Date.UTC(2020, 8, 20, 14, minute),
  srcHost: src,
  dstHost: dst,
  srcAccount: 'mallory@real',
  dstAccount: 'mallory@real',
  protocol: 'NTLM',
  logonType: 'Network',
  action: 'LogOn',
  success: true,
  source: { dataset: 'real', record: minute, uid: '' },
  ...more,
});
const RECORDINGS: Recording[] = [
  { name: 'one', techniques: ['T1021.002', 'T1003'], events: [logon('r1', 'r2', 1), logon('r2', 'r2', 2)] },
  { name: 'two', techniques: ['T1021.002'], events: [logon('r1', 'r3', 1)] },
  {
    name: 'three',
    techniques: ['T1055'],
    events: [logon('r1', 'r1', 1), logon('r1', 'r2', 2, { action: 'LogOff' })],
  },
];
async function* given() {
  await Promise.resolve();
  yield* RECORDINGS;
}
const sight = () =>
  recordedRows(
    'port',
    { events: join(folder, 'port.jsonl'), incidents: null, trainUntil: 3 * DAY_MS },
    given(),
  );

describe('recordings of real attacks', () => {
  it('become the rows of their remote logons, each on the member history alone, at their own time of day', async () => {
    const { recordings } = await sight();
    expect(recordings.map(({ name, remote }) => [name, remote.length])).toEqual([
      ['one', 1],
      ['two', 1],
      ['three', 0],
    ]);
    // The source of the second has logged on to nothing before: the first recording is forgotten.
    for (const { remote } of recordings.slice(0, 2)) {
      const row = remote.row(0);
      expect([row[AT.edgeNew], row[AT.ntlm], row[AT.sourceFanRecent]]).toEqual([1, 1, 0]);
    }
    expect(await sight()).toEqual({ member: 'port', recordings });
  });

  it('count as found where a remote logon exceeds the threshold of the member, by technique', async () => {
    const known = truth.filter(({ time }) => time < 3 * DAY_MS);
    const site = await prepareSite(sorted, known, { trainUntil: 3 * DAY_MS, seed: 1 });
    const world = frameMembers([{ organisation: 'port', site, truth }]);
    const seen = await sight();
    const width = site.novel.width;
    const figuresOf = (score: (row: Float32Array) => number) => {
      const scores = (_: string, rows: Float32Array) =>
        Float32Array.from({ length: rows.length / width }, (__, i) =>
          score(rows.subarray(i * width, (i + 1) * width)),
        );
      return Object.fromEntries(
        recordingFigures(seen, world, scores).map(({ metric, value }) => [metric, value]),
      );
    };
    expect(figuresOf((row) => row[AT.ntlm] ?? 0)).toEqual({
      recordings: 3,
      recordingsWithRemoteLogons: 2,
      recordingRecall: 1,
      'recordingRecall:T1003': 1,
      'recordingsWithRemoteLogons:T1003': 1,
      'recordingsWithRemoteLogons:T1021.002': 2,
      'recordingsWithRemoteLogons:T1055': 0,
      'recordingRecall:T1021.002': 1,
      'recordingRecall:T1055': null,
    });
    expect(figuresOf((row) => -(row[AT.ntlm] ?? 0))).toMatchObject({
      recordingRecall: 0,
      'recordingRecall:T1003': 0,
    });
  });

  it('are seen by the member in the middle', () => {
    const sizes = new Map([
      ['a', 9],
      ['b', 1],
      ['c', 5],
      ['d', 7],
    ]);
    expect(middleMember({ members: [...sizes.keys()], sizes })).toBe('c');
  });

  it('are those that have techniques and logs: packets alone, and what the metadata does not know, are left out', async () => {
    const mordor = join(folder, 'mordor');
    await mkdir(join(mordor, '_metadata'), { recursive: true });
    const lines = [2, 1].map((minute) => formatEvent(logon('r1', 'r2', minute)));
    await writeFile(join(mordor, 'good.zip'), makeZip({ 'good.json': lines.join('') }));
    await writeFile(
      join(mordor, 'packets.zip'),
      makeZip({ 'packets.cap': Buffer.from('d4c3b2a1020004', 'hex') }),
    );
    await writeFile(join(mordor, 'unknown.zip'), makeZip({ 'good.json': lines.join('') }));
    const document = {
      id: 'SD-1',
      title: 'x',
      attack_mappings: [{ technique: 'T1021', 'sub-technique': '002', tactics: ['TA0008'] }],
      files: ['good', 'packets'].map((name) => ({ link: `https://example.test/${name}.zip` })),
    };
    await writeFile(join(mordor, '_metadata', 'one.yaml'), stringify(document));
    const found = [];
    for await (const recording of readRecordings({ mordor })) found.push(recording);
    expect(
      found.map(({ name, techniques, events: those }) => [name, techniques, those.map(({ time }) => time)]),
    ).toEqual([['good', ['T1021.002'], [1, 2].map((minute) => Date.UTC(2020, 8, 20, 14, minute))]]);
  });

  const mordor = sharedData('telemetry/mordor');
  const evtx = sharedData('telemetry/evtx');
  it.skipIf(mordor === null || evtx === null)(
    'are read with their techniques (needs shared data)',
    async () => {
      for (const [folders, technique] of [
        [{ mordor: `${mordor}` }, /^T\d{4}/],
        [{ evtx: `${evtx}` }, /^evtx$/],
      ] as const) {
        for await (const { name, techniques } of readRecordings(folders)) {
          expect(name).not.toBe('');
          expect(techniques[0]).toMatch(technique);
          break;
        }
      }
    },
  );
});
