import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { answer } from '../../test/stored-answers.ts';
import { AnswerStore } from './answer-store.ts';
import type { StoredAnswer } from './stored-answer.ts';

const RUN = 'run-0123456789abcdef';

describe('an answer store', () => {
  it('puts one answer after the other: each asks for its time once the one before has been told', async () => {
    using folder = temporaryFolder();
    const store = new AnswerStore(folder.path('sketches'));
    const done: string[] = [];
    store.onAnswer(({ round }) => done.push(`told ${round}`));
    const putting = [0, 1, 2].map((hour) => {
      const { visibleFrom, ...one } = answer(hour, []);
      return store.put(one, () => done.push(`asked ${hour + 1}`) && visibleFrom);
    });
    const reading = store.inTurn(() => Promise.resolve(done.push('read')));
    await Promise.all([...putting, reading]);
    expect(done).toEqual(['asked 1', 'told 1', 'asked 2', 'told 2', 'asked 3', 'told 3', 'read']);
  });

  it('where an answer cannot be written tells nobody of it, and the next one has its turn', async () => {
    using folder = temporaryFolder();
    const store = new AnswerStore(folder.path('sketches'));
    const told: StoredAnswer[] = [];
    store.onAnswer((one) => told.push(one));
    // In the way of the file.
    mkdirSync(folder.path(`sketches/${RUN}-1.answer.json/x`), { recursive: true });
    const { visibleFrom, ...first } = answer(0, []);
    await expect(store.put(first, () => visibleFrom)).rejects.toThrow();
    expect(told).toEqual([]);
    await store.put({ ...first, round: 2 }, () => 77);
    expect(told.map((one) => [one.round, one.visibleFrom])).toEqual([[2, 77]]);
    expect(await store.read(RUN, 2)).toEqual(told[0]);
  });

  it('waits for whoever must know before answers of earlier epochs are removed', async () => {
    using folder = temporaryFolder();
    const store = new AnswerStore(folder.path('sketches'));
    for (const epoch of [0, 1]) await store.put(answer(epoch, [], { epoch }), () => 5);
    const there: string[][] = [];
    store.beforeDrop(async (epoch) => {
      await new Promise(setImmediate);
      there.push([String(epoch), ...readdirSync(folder.path('sketches')).toSorted()]);
    });
    await store.dropBefore(1);
    expect(there).toEqual([['1', `${RUN}-1.answer.json`, `${RUN}-2.answer.json`]]);
    expect((await store.all()).map(({ epoch }) => epoch)).toEqual([1]);
  });

  it('a damaged file keeps none of the others of earlier epochs', async () => {
    using folder = temporaryFolder();
    const store = new AnswerStore(folder.path('sketches'));
    await store.putOwn(RUN, 1, { epoch: 0, cells: [] });
    writeFileSync(folder.path(`sketches/${RUN}-1.own.json`), 'x7,1,8,1');
    for (const hour of [0, 1]) await store.put({ ...answer(hour, []), round: 2 + hour }, () => 5);
    await expect(store.dropBefore(1)).rejects.toMatchObject({ code: 'ENCODING_INVALID', got: 'no JSON' });
    expect(readdirSync(folder.path('sketches'))).toEqual([`${RUN}-1.own.json`]);
  });

  it.each([
    ['cut off', '{"version":1,', 'no JSON'],
    ['something else', '{"version":1}', 'epoch'],
  ])('refuses a file that is %s, names it and says what to do', async (_, text, got) => {
    using folder = temporaryFolder();
    mkdirSync(folder.path('sketches'));
    const path = folder.path(`sketches/${RUN}-3.answer.json`);
    writeFileSync(path, text);
    await expect(new AnswerStore(folder.path('sketches')).all()).rejects.toMatchObject({
      code: 'ENCODING_INVALID',
      expected: expect.stringContaining(path) as string,
      got: expect.stringContaining(got) as string,
      next: expect.stringContaining('restore the file') as string,
    });
  });
});
