import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { madeAlert } from '../../test/made-alert.ts';
import { alertScope } from '../labels/from-alert.ts';
import { addLabels } from '../labels/label-book.ts';
import { makeLabel } from '../labels/label.ts';
import { ALERTS_FILE } from './alert-file.ts';
import { alertId } from './alert.ts';
import { listAlerts } from './list-alerts.ts';
import { addSuppression } from './suppression-book.ts';
import { makeSuppression } from './suppression.ts';

const teller = { by: 'ann', at: 5 };
const RUN = 'run-0123456789abcdef';

/** A state folder with three alerts in live use, one of them grown, and two of a finished run. */
function stateFolder() {
  const folder = temporaryFolder();
  const of = (number: number, host: string, hours: number) => {
    const { event } = madeAlert();
    const time = hours * 3_600_000;
    const there = { srcHost: host, day: DAY_MS, event: { ...event, srcHost: host, time }, number };
    return madeAlert({ ...there, id: alertId('acme', host, DAY_MS) });
  };
  const lines = [
    of(1, 'ws17', 30),
    of(2, 'ws18', 31),
    { ...of(1, 'ws17', 32), version: 2, events: 9 },
    of(3, 'ws19', 33),
  ];
  const text = lines.map((line, i) => `${JSON.stringify({ ...line, sequence: i + 1 })}\n`).join('');
  writeFileSync(folder.path(ALERTS_FILE), `${text}{"type":"al`);
  const batch = { dstHosts: ['s1', 's2'], score: 2, events: 3, reasons: ['because'], dataset: 'd' };
  const alerts = [
    { time: 10 * 3_600_000, srcHost: 'ws1', account: 'eve@x', ...batch },
    { time: 31.5 * 3_600_000, srcHost: 'ws2', account: '', ...batch },
  ];
  writeFileSync(folder.path(`${RUN}.json`), JSON.stringify({ run: RUN, alerts }));
  return folder;
}

const statesOf = async (state: string) =>
  (await listAlerts(state)).map(({ reference, state: now }) => `${reference} ${now}`);

describe('the alerts of a state folder', () => {
  it('are those in live use, each by its newest version, and those of runs, the newest first', async () => {
    using folder = stateFolder();
    const listed = await listAlerts(folder.root);
    expect(listed.map(({ reference, srcHost }) => [reference, srcHost])).toEqual([
      ['3', 'ws19'],
      ['1', 'ws17'],
      [`${RUN}:2`, 'ws2'],
      ['2', 'ws18'],
      [`${RUN}:1`, 'ws1'],
    ]);
    expect(listed[1]).toMatchObject({ events: 9, state: 'new', alert: { version: 2 } });
    expect(listed[2]).toMatchObject({ reasons: ['because'], destinations: 2, alert: null });
  });

  it('are what the newest word on their highest event says, a label before a suppression', async () => {
    using folder = stateFolder();
    const judge = async (reference: string, verdict: 'malicious' | 'benign') => {
      const scope = await alertScope(folder.root, reference);
      const more = { destination: null, uid: null, campaign: 'c', technique: null, note: null, verdict };
      return addLabels(folder.root, [makeLabel({ ...scope, ...more }, teller)], true);
    };
    await judge('1', 'malicious');
    await judge(alertId('acme', 'ws18', DAY_MS), 'benign');
    await judge(`${RUN}:1`, 'benign');
    const rule = { account: null, destination: 'fs01', source: null, until: 9e12, comment: 'c' };
    await addSuppression(folder.root, makeSuppression(rule, teller));
    expect(await statesOf(folder.root)).toEqual([
      '3 suppressed',
      '1 attack',
      `${RUN}:2 new`,
      '2 benign',
      `${RUN}:1 benign`,
    ]);
  });

  it('are none where there are no files; a damaged one is named', async () => {
    using empty = temporaryFolder();
    expect(await listAlerts(empty.root)).toEqual([]);
    using folder = stateFolder();
    writeFileSync(folder.path(`${ALERTS_FILE}.1`), `${JSON.stringify(madeAlert())}\n{"type":"alert"}\n`);
    await expect(listAlerts(folder.root)).rejects.toMatchObject({
      code: 'ENCODING_INVALID',
      expected: expect.stringContaining(`line 2 of ${folder.path(`${ALERTS_FILE}.1`)}`) as string,
    });
  });

  it('are named by number, id, or run and place; a label means source, account and day', async () => {
    using folder = stateFolder();
    const whole = { from: DAY_MS, to: 2 * DAY_MS, account: 'ann@corp', source: 'ws17' };
    expect(await alertScope(folder.root, '1')).toEqual(whole);
    expect(await alertScope(folder.root, `${RUN}:2`)).toEqual({ ...whole, account: null, source: 'ws2' });
    for (const [reference, code] of [
      ['4', 'NOT_FOUND'],
      [`${RUN}:3`, 'NOT_FOUND'],
      ['run-ffffffffffffffff:1', 'NOT_FOUND'],
      [alertId('acme', 'other', 0), 'NOT_FOUND'],
      ['x', 'USAGE'],
      ['0', 'USAGE'],
    ] as const)
      await expect(alertScope(folder.root, reference)).rejects.toMatchObject({ code });
  });
});
