import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toCordonError } from '../../protocol/errors.ts';
import { madeModel } from '../../test/made-model.ts';
import { findModel, versionsOf } from './find-model.ts';
import { readModel } from './model-file.ts';
import { RunRecords } from './run-record.ts';
import { MODELS_FOLDER, VersionStore } from './version-store.ts';

let state = '';
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'cordon-versions-'));
});
afterEach(() => rm(state, { recursive: true, force: true }));

const keep = (store: VersionStore, run: number) => {
  const { facts, weights } = madeModel({ run });
  return store.keep(facts, weights);
};
const ids = async (): Promise<string[]> => (await versionsOf(state)).stored.map(({ version }) => version.id);

describe('the versions of a participant', () => {
  it('name the one before, and a run that is kept twice is kept once', async () => {
    const store = new VersionStore(state);
    const first = await keep(store, 1);
    const second = await keep(store, 2);
    expect([first.previous, second.previous]).toEqual([null, first.id]);
    expect(await keep(new VersionStore(state), 2)).toEqual(second);
    expect(await ids()).toEqual([first.id, second.id]);
  });

  it('are forgotten from the oldest on, by number and by bytes, but never the newest', async () => {
    const few = new VersionStore(state, { versions: 2, bytes: 1e9 });
    for (const run of [1, 2]) await keep(few, run);
    const [, second] = await ids();
    const third = await keep(few, 3);
    expect(await ids()).toEqual([second, third.id]);
    const one = await keep(new VersionStore(state, { versions: 9, bytes: 1 }), 4);
    expect(await ids()).toEqual([one.id]);
    expect(one.previous).toBe(third.id);
  });

  it('outlive what a crash leaves behind and what is damaged, which is told and stays', async () => {
    const folder = join(state, MODELS_FOLDER);
    await mkdir(folder);
    await writeFile(join(folder, 'half.tmp'), 'cordon model 1\n{');
    await writeFile(join(folder, 'bad.cordon'), 'cordon model 1\n{');
    const { id } = await keep(new VersionStore(state), 1);
    expect((await readdir(folder)).toSorted()).toEqual(['bad.cordon', `${id}.cordon`]);
    const { damaged } = await versionsOf(state);
    expect(damaged.map(({ code }) => code)).toEqual(['ENCODING_INVALID']);
  });

  it('take in a model of somebody else as it is, once', async () => {
    const other = madeModel({ run: 9 });
    const store = new VersionStore(state);
    expect([await store.add(other), await store.add(other)]).toEqual([true, false]);
    const [found] = (await versionsOf(state)).stored;
    expect(await readModel(found?.path ?? '')).toEqual({ version: other.version, weights: other.weights });
  });
});

describe('a model that is asked for', () => {
  it('is a file, an id or its beginning; what fits none or several is NOT_FOUND', async () => {
    const store = new VersionStore(state);
    for (let run = 1; run <= 40; run++) await keep(store, run);
    const all = await ids();
    const [id = ''] = all;
    const path = join(state, MODELS_FOLDER, `${id}.cordon`);
    expect(await findModel(id, state)).toBe(path);
    expect(await findModel(id.slice('model-'.length), state)).toBe(path);
    expect(await findModel(path, '/nowhere')).toBe(path);
    // Of forty, some begin alike with one digit.
    const digits = all.map((one) => one.charAt('model-'.length));
    const common = digits.find((digit, i) => digits.indexOf(digit) < i) ?? '';
    const code = (reference: string, folder = state) =>
      findModel(reference, folder).catch((error: unknown) => toCordonError(error).code);
    expect(await code(common)).toBe('NOT_FOUND');
    expect(await code('model-xyz')).toBe('NOT_FOUND');
    expect(await code(id, join(state, 'none'))).toBe('DATA_NOT_FOUND');
    expect(await code(id, path)).toBe('DATA_NOT_FOUND');
    expect((await readFile(path)).subarray(0, 14).toString()).toBe('cordon model 1');
  });
});

describe('the record of a run', () => {
  it('joins rounds with the same contributors and epoch, and forgets a run that is over', () => {
    const records = new RunRecords();
    const all = ['a', 'b', 'c'];
    const rounds: [number, number, string[]][] = [
      [1, 0, all],
      [2, 0, ['c', 'a', 'b']],
      [3, 0, ['a', 'b']],
      [4, 0, ['a', 'c']],
      [5, 0, all],
      [6, 1, all],
      // Of the next run; round 7 failed.
      [8, 1, all],
    ];
    for (const [round, epoch, members] of rounds) records.published('run', round, epoch, members);
    const entry = { entry: { index: 9, time: 7 }, hash: 'h' } as never;
    expect(records.take('run', entry)).toEqual({
      rounds: [
        { from: 1, to: 2, epoch: 0, contributors: all },
        { from: 3, to: 3, epoch: 0, contributors: ['a', 'b'] },
        { from: 4, to: 4, epoch: 0, contributors: ['a', 'c'] },
        { from: 5, to: 5, epoch: 0, contributors: all },
        { from: 6, to: 6, epoch: 1, contributors: all },
        { from: 8, to: 8, epoch: 1, contributors: all },
      ],
      ended: { index: 9, hash: 'h', time: 7 },
    });
    expect(records.take('run', entry).rounds).toEqual([]);
  });
});
