import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LABELS_FILE } from '../../participant/labels/label-book.ts';
import type { Label } from '../../participant/labels/label.ts';
import { runCli } from './run-cli.ts';

interface Printed {
  readonly label: Label;
  readonly labels: Label[];
  readonly added: boolean | number;
  readonly error: { readonly code: string; readonly got: string };
}

let folder = '';
let state = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-incident-'));
  state = join(folder, 'state');
  await mkdir(state);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function incident(...args: string[]): Promise<{ code: number | null; answer: Printed }> {
  const { code, stdout } = await runCli(['incident', ...args, '--json']);
  return { code, answer: JSON.parse(stdout) as Printed };
}

const list = async (): Promise<Label[]> => (await incident('ls', state)).answer.labels;
const HOUR = ['--from', '2026-01-31 08:00', '--to', '2026-01-31T09:30:00Z', '--time-zone', 'Europe/Berlin'];

describe('cordon incident', () => {
  it('adds, shows and removes a label, as tables and as one JSON object', async () => {
    const named = [
      '--account',
      'Ann@CORP',
      '--source',
      'WS17',
      '--campaign',
      'phish',
      '--technique',
      'T1021.002',
    ];
    const added = await runCli([
      'incident',
      'add',
      state,
      ...HOUR,
      ...named,
      '--note',
      'seen',
      '--by',
      'bob',
    ]);
    expect(added.code).toBe(0);
    expect(added.stdout).toMatch(
      /^label-[0-9a-f]{16}: malicious, campaign phish, T1021\.002\n {2}2026-01-31 07:00:00 to 2026-01-31 09:30:00, account ann@corp, ws17 -> any\n {2}seen\n/,
    );
    expect(added.stderr).toMatch(/^No participant has worked in /);
    const again = await incident('add', state, ...HOUR, ...named, '--note', 'seen', '--by', 'eve');
    expect(again).toMatchObject({ code: 0, answer: { added: false } });
    const [label] = await list();
    expect(label).toMatchObject({ by: 'bob', from: Date.UTC(2026, 0, 31, 7), destination: null, uid: null });
    const text = await runCli(['incident', 'ls', state]);
    expect(text.stdout).toMatch(/^label +verdict +from +to +account /);
    expect(text.stdout).toContain(' ann@corp ');
    const id = label?.id ?? '';
    expect((await incident('remove', state, id)).code).toBe(0);
    expect(await list()).toEqual([]);
    expect((await runCli(['incident', 'ls', state])).stdout).toBe('no labels yet\n');
    expect(await incident('remove', state, id)).toMatchObject({
      code: 1,
      answer: { error: { code: 'NOT_FOUND', got: `${id}, which was removed before` } },
    });
  });

  it('labels the source and account of an alert on its day, or what of it is said otherwise', async () => {
    const run = 'run-0123456789abcdef';
    const day = Date.UTC(2026, 0, 31);
    const alert = { time: day + 5e7, srcHost: 'ws17', account: 'ann@corp', dstHosts: ['srv1'], score: 3 };
    await writeFile(
      join(state, `${run}.json`),
      JSON.stringify({ run, alerts: [{ ...alert, time: 1 }, alert] }),
    );
    const whole = await incident('add', state, '--alert', `${run}:2`);
    expect(whole.answer.label).toMatchObject({
      from: day,
      to: day + 86_400_000,
      account: 'ann@corp',
      source: 'ws17',
      destination: null,
      campaign: `alert ${run}:2`,
      verdict: 'malicious',
    });
    const part = ['--from', '2026-01-31 13:00', '--destination', 'srv1', '--benign'];
    const narrow = await incident('add', state, '--alert', `${run}:2`, ...part);
    expect(narrow.answer.label).toMatchObject({
      from: day + 13 * 3_600_000,
      to: day + 86_400_000,
      destination: 'srv1',
      campaign: 'benign',
      verdict: 'benign',
    });
    const code = async (reference: string): Promise<unknown> =>
      (await incident('add', state, '--alert', reference)).answer.error.code;
    expect(await code(`${run}:3`)).toBe('NOT_FOUND');
    expect(await code('run-ffffffffffffffff:1')).toBe('NOT_FOUND');
    expect(await code('../site:1')).toBe('USAGE');
    await writeFile(join(state, `${run}.json`), '{"alerts":[{}]}');
    expect(await code(`${run}:1`)).toBe('ENCODING_INVALID');
    expect(await list()).toHaveLength(2);
  });

  it('imports a red-team list once, also after a label of it was removed', async () => {
    const file = join(folder, 'redteam.txt');
    await writeFile(file, '7,U1@DOM1,C1,C2\n9,U1@DOM1,C1,C3\n');
    const first = await incident('import', state, file, '--campaign', 'exercise');
    expect(first).toEqual({
      code: 0,
      answer: { added: 2, known: 0, removed: 0, rejects: 0, firstReject: null, ignored: 0 },
    });
    const [label] = await list();
    expect(label).toMatchObject({ from: 7000, to: 8000, account: 'u1@dom1', campaign: 'exercise' });
    await incident('remove', state, label?.id ?? '');
    const again = await runCli(['incident', 'import', state, file, '--campaign', 'exercise']);
    expect(again.stdout).toBe('0 labels added\n1 there already\n1 removed before, and left out\n');
    const other = join(folder, 'other');
    await mkdir(other);
    expect((await incident('import', other, join(state, LABELS_FILE))).answer.added).toBe(1);
  });

  it('takes labels of several commands at once, each of them', async () => {
    const campaigns = ['a', 'b', 'c', 'd'];
    const add = (campaign: string) =>
      incident('add', state, ...HOUR, '--source', 's', '--campaign', campaign);
    expect((await Promise.all(campaigns.map(add))).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect((await list()).map(({ campaign }) => campaign).toSorted()).toEqual(campaigns);
    expect(await readdir(state)).toEqual([LABELS_FILE]);
  });

  it('says in one error what is wrong, and changes nothing', async () => {
    const code = async (...args: string[]): Promise<[unknown, unknown]> => {
      const found = await incident(...args);
      return [found.code, found.answer.error.code];
    };
    const enough = ['--source', 'a', '--campaign', 'c'];
    expect(await code('add', state, ...enough)).toEqual([2, 'USAGE']);
    expect(await code('add', state, ...HOUR, '--campaign', 'c')).toEqual([2, 'USAGE']);
    expect(await code('add', state, ...HOUR, '--source', 'a')).toEqual([2, 'USAGE']);
    expect(await code('add', state, ...enough, '--from', 'now', '--to', '2')).toEqual([2, 'USAGE']);
    expect(await code('add', state, ...enough, '--from', '2', '--to', '2')).toEqual([
      1,
      'VALUE_OUT_OF_RANGE',
    ]);
    expect(await code('add', join(folder, 'none'), ...HOUR, ...enough)).toEqual([2, 'DATA_NOT_FOUND']);
    expect(await code('import', state, join(folder, 'none'))).toEqual([2, 'DATA_NOT_FOUND']);
    expect(await readdir(state)).toEqual([]);
    await writeFile(join(state, LABELS_FILE), '{"type":"label"}\n');
    expect(await code('ls', state)).toEqual([1, 'ENCODING_INVALID']);
    expect(await code('add', state, ...HOUR, ...enough)).toEqual([1, 'ENCODING_INVALID']);
    expect(await readFile(join(state, LABELS_FILE), 'utf8')).toBe('{"type":"label"}\n');
  });
});
