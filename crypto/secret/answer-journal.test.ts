import { durableFiles } from '../identity/durable-file.ts';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import type { Answer } from '../public/answer.ts';
import { canonicalJson } from '../public/canonical.ts';
import { AnswerJournal } from './answer-journal.ts';

const federation = new TestFederation(4);
const answerOf = (round: number): Answer => federation.round(round).answer('org-1', '1'.repeat(64));
const key = (round: number) => ({ consortium: 'test', epoch: 1, round });
const [one, two] = [answerOf(1), answerOf(2)];
const second = answerOf(1);

let dir = '';
let journal: AnswerJournal;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cordon-journal-'));
  journal = new AnswerJournal(join(dir, 'answers'), durableFiles);
});
afterEach(() => rm(dir, { recursive: true }));
const files = () => readdir(join(dir, 'answers'));

describe('AnswerJournal', () => {
  it('gives back what was recorded, also to another process', async () => {
    expect(await journal.lookup(key(1))).toBeNull();
    expect(await journal.record(key(1), one)).toEqual(one);
    expect(await new AnswerJournal(join(dir, 'answers'), durableFiles).lookup(key(1))).toEqual(one);
    expect(await journal.lookup(key(2))).toBeNull();
    expect(await journal.lookup({ ...key(1), epoch: 2 })).toBeNull();
  });

  it('holds one file an answer, readable by its owner alone, with nothing left over', async () => {
    await journal.record(key(1), one);
    await journal.record(key(2), two);
    expect((await files()).sort()).toEqual(['test.1.1.json', 'test.1.2.json']);
    const path = join(dir, 'answers', 'test.1.1.json');
    expect(await readFile(path, 'utf8')).toBe(canonicalJson(one));
    if (process.platform === 'win32') return;
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, 'answers'))).mode & 0o777).toBe(0o700);
  });

  it('second answer for one round: refused, and the first one stays', async () => {
    await journal.record(key(1), one);
    await expect(journal.record(key(1), second)).rejects.toMatchObject({ code: 'ALREADY_ANSWERED' });
    expect(await journal.lookup(key(1))).toEqual(one);
    expect(await files()).toEqual(['test.1.1.json']);
  });

  it('the same answer again gives the journalled one', async () => {
    await journal.record(key(1), one);
    expect(canonicalJson(await journal.record(key(1), { ...one }))).toBe(canonicalJson(one));
  });

  it('of many different answers at once, exactly one is recorded', async () => {
    const answers = Array.from({ length: 8 }, () => answerOf(1));
    const journals = answers.map(() => new AnswerJournal(join(dir, 'answers'), durableFiles));
    const results = await Promise.allSettled(
      answers.map((answer, i) => (journals[i] ?? journal).record(key(1), answer)),
    );
    const recorded = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(recorded).toEqual([await journal.lookup(key(1))]);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'ALREADY_ANSWERED' });
    }
  });

  it('torn temporary files of a crash are ignored, and pruned', async () => {
    await mkdir(join(dir, 'answers'));
    await writeFile(join(dir, 'answers', 'test.1.1.json.0000.tmp'), canonicalJson(one).slice(0, 100));
    expect(await journal.lookup(key(1))).toBeNull();
    expect(await journal.record(key(1), second)).toEqual(second);
    await journal.prune(key(1));
    expect((await files()).sort()).toEqual(['test.1.1.json', 'test.1.floor', 'test.epochs.floor']);
  });

  it('a damaged answer means silence: neither sent again nor replaced', async () => {
    await journal.record(key(1), one);
    await writeFile(join(dir, 'answers', 'test.1.1.json'), '{"member":"org-1"}');
    await expect(journal.lookup(key(1))).rejects.toMatchObject({ code: 'ANSWER_INVALID' });
    await expect(journal.record(key(1), one)).rejects.toMatchObject({ code: 'ANSWER_INVALID' });
    await writeFile(join(dir, 'answers', 'test.1.1.json'), '');
    await expect(journal.lookup(key(1))).rejects.toMatchObject({ code: 'ANSWER_INVALID' });
  });

  it('pruned rounds stay answered', async () => {
    for (const round of [1, 2, 3]) await journal.record(key(round), answerOf(round));
    await journal.record({ ...key(1), epoch: 11 }, one);
    expect(await journal.prune(key(3))).toBe(2);
    expect((await files()).sort()).toEqual([
      'test.1.3.json',
      'test.1.floor',
      'test.11.1.json',
      'test.epochs.floor',
    ]);
    await expect(journal.record(key(2), two)).rejects.toMatchObject({ code: 'ALREADY_ANSWERED' });
    await journal.prune(key(1));
    await expect(journal.record(key(2), two)).rejects.toMatchObject({ code: 'ALREADY_ANSWERED' });
    const fourth = answerOf(4);
    expect(await journal.record(key(4), fourth)).toEqual(fourth);
  });

  it('answers of the epochs before are pruned too, and these epochs stay answered for ever', async () => {
    const later = { ...key(3), epoch: 2 };
    await journal.record(key(1), one);
    await journal.record(later, answerOf(3));
    await journal.prune(key(2));
    const stranger = join(dir, 'answers', 'test2.0.1.json');
    await writeFile(stranger, canonicalJson(one));
    await writeFile(join(dir, 'answers', 'test.epochs.floor.0000.tmp'), '');
    await journal.record(key(2), two);
    expect(await journal.prune(later)).toBe(1);
    expect((await files()).sort()).toEqual([
      'test.2.3.json',
      'test.2.floor',
      'test.epochs.floor',
      'test2.0.1.json',
    ]);
    for (const round of [1, 2, 4]) {
      await expect(journal.record(key(round), answerOf(round))).rejects.toMatchObject({
        code: 'ALREADY_ANSWERED',
        got: 'an epoch whose answers were pruned',
      });
    }
    // Whoever prunes as of an earlier epoch takes nothing back.
    await journal.prune(key(1));
    await expect(journal.record(key(4), answerOf(4))).rejects.toMatchObject({ code: 'ALREADY_ANSWERED' });
    expect(await journal.record({ ...key(4), epoch: 2 }, answerOf(4))).toMatchObject({ round: 4 });
  });

  it('a crash between the record of what is pruned and the pruning forgets nothing', async () => {
    await journal.record(key(1), one);
    const later = { ...key(3), epoch: 2 };
    const replace = (path: string, text: string) =>
      path.endsWith('epochs.floor')
        ? Promise.reject(new Error('power cut'))
        : durableFiles.replace(path, text);
    const cut = new AnswerJournal(join(dir, 'answers'), { ...durableFiles, replace });
    await expect(cut.prune(later)).rejects.toThrow('power cut');
    expect(await journal.lookup(key(1))).toEqual(one);
    await expect(journal.record(key(1), second)).rejects.toMatchObject({ code: 'ALREADY_ANSWERED' });
  });

  it('refuses an answer filed under another round and names that leave the folder', async () => {
    await expect(journal.record(key(2), one)).rejects.toMatchObject({ code: 'ANSWER_INVALID' });
    const outside = { ...key(1), consortium: '../x' };
    await expect(journal.lookup(outside)).rejects.toMatchObject({ code: 'ANSWER_INVALID' });
  });

  it('does not return before the folder exists on disk: an unwritable place is an error, not an answer', async () => {
    await writeFile(join(dir, 'file'), '');
    const nowhere = new AnswerJournal(join(dir, 'file', 'answers'), durableFiles);
    await expect(nowhere.record(key(1), one)).rejects.toThrow('ENOTDIR');
  });
});
