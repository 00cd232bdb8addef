import { appendFile, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from '../../crypto/identity/process-lock.ts';
import { statement } from '../../test/statement.ts';
import { LABELS_FILE, addLabels, labelsOf, removeLabel } from './label-book.ts';
import { type Label, type Statement, lineOf, makeLabel } from './label.ts';

const ANN = { by: 'ann', at: 1_767_225_600_000 };
const BASE = statement({ from: 1000, to: 2000, account: 'u@corp' });
const label = (said: Partial<Statement> = {}): Label => makeLabel({ ...BASE, ...said }, ANN);

let state = '';
const path = (): string => join(state, LABELS_FILE);
const active = async (): Promise<Label[]> => [...(await labelsOf(state)).active.values()];
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'cordon-labels-'));
});
afterEach(() => rm(state, { recursive: true, force: true }));

describe('a label', () => {
  it('has the id of what it says, whoever says it, and names as readers write them', () => {
    const own = label({ account: 'U@Corp', source: 'WS1.Corp' });
    expect(own).toMatchObject({ account: 'u@corp', source: 'ws1.corp' });
    expect(makeLabel({ ...BASE, source: 'ws1.corp' }, { by: 'bob', at: 2 }).id).toBe(own.id);
    expect(label({ source: 'ws1.corp', note: 'x' }).id).not.toBe(own.id);
  });

  it.each([
    [{ account: null }, 'neither an account nor a source nor a destination'],
    [{ to: 1000 }, 'an end that is not after the beginning'],
    [{ from: null }, 'no beginning or no end'],
    [{ from: -1 }, 'the number -1 at from'],
    [{ from: 0.5 }, 'the number 0.5 at from'],
    [{ to: 8.65e15 }, 'the number 8650000000000000 at to'],
    [{ uid: 'x' }, 'an event by its identity, and more'],
    [{ account: '' }, 'empty text at account'],
    [{ account: 'a\u0007' }, 'the text "a " at account'],
    [{ account: 'a'.repeat(513) }, 'text of 513 letters at account'],
    [{ account: 'a\ud800' }, 'half of a surrogate pair'],
    [{ source: `e${'\u0301'.repeat(20_000)}` }, 'letters'],
    [{ campaign: '' }, 'empty text at campaign'],
    [{ technique: 'lateral' }, 'the text "lateral" at technique'],
    [{ note: 'two\nlines' }, 'the text "two lines" at note'],
  ])('that says %j is refused: %s', (said, got) => {
    expect(() => label(said)).toThrow(
      expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE', got: expect.stringContaining(got) as string }),
    );
  });
});

describe('the label file', () => {
  it('keeps labels in the order in which they came, for its owner alone; saying one again changes nothing', async () => {
    const [a, b] = [label(), label({ campaign: 'd' })];
    expect(await addLabels(state, [a, b, a], true)).toEqual({ added: [a, b], known: 1, removed: 0 });
    const bytes = await readFile(path());
    expect(await addLabels(state, [makeLabel(BASE, { by: 'bob', at: 5 })], true)).toMatchObject({ known: 1 });
    expect(await active()).toEqual([a, b]);
    expect(await readFile(path())).toEqual(bytes);
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect(await readdir(state)).toEqual([LABELS_FILE]);
  });

  it('only grows: a removal is a line that names the label, and a person can give it again', async () => {
    const own = label();
    await addLabels(state, [own], true);
    const before = await readFile(path(), 'utf8');
    expect(await removeLabel(state, own.id, { by: 'bob', at: 7 })).toEqual(own);
    expect(await readFile(path(), 'utf8')).toBe(
      `${before}${JSON.stringify({ type: 'removal', id: own.id, by: 'bob', at: 7 })}\n`,
    );
    expect(await active()).toEqual([]);
    expect(await addLabels(state, [own], false)).toEqual({ added: [], known: 0, removed: 1 });
    expect((await addLabels(state, [own], true)).added).toEqual([own]);
    expect(await active()).toEqual([own]);
  });

  it('refuses to remove what is not there, and a name that would damage the file, and stays as it is', async () => {
    const own = label();
    await addLabels(state, [own], true);
    const bytes = await readFile(path());
    await expect(removeLabel(state, 'label-0000000000000000', ANN)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(removeLabel(state, own.id, { by: 'a\nb', at: 1 })).rejects.toMatchObject({
      code: 'VALUE_OUT_OF_RANGE',
    });
    expect(await readFile(path())).toEqual(bytes);
  });

  it('says with the number of the line what is damaged, whatever byte of what a label says was changed', async () => {
    await addLabels(state, [label(), label({ campaign: 'd', source: 'ws1', note: 'seen' })], true);
    const [first = '', second = ''] = (await readFile(path(), 'utf8')).split('\n');
    const said = second.slice(0, second.indexOf(',"by"'));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(said.length - 1),
        fc.constantFrom('a', '0', '9', '"', '}', ' '),
        async (at, put) => {
          const changed = `${second.slice(0, at)}${put}${second.slice(at + 1)}`;
          fc.pre(changed !== second && !isSame(changed, second));
          await writeFile(path(), `${first}\n${changed}\n`);
          await expect(labelsOf(state)).rejects.toMatchObject({
            code: 'ENCODING_INVALID',
            expected: expect.stringContaining(`line 2 of ${path()}`) as string,
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ['nothing of the kind', 'hello', 'text that is not JSON'],
    ['a field more', lineOf(label()).replace('}', ',"x":1}').trim(), 'a field that is not known: x'],
    ['a removal of nothing', '{"type":"removal","id":"label-0000000000000000","by":"a","at":1}', 'not there'],
    ['a line that has no end in sight', `"${'x'.repeat(20_000)}"`, '20002 letters'],
  ])('refuses a line that is %s', async (_what, line, got) => {
    await writeFile(path(), `${line}\n${lineOf(label())}`);
    const refusal = { code: 'ENCODING_INVALID', got: expect.stringContaining(got) as string };
    await expect(labelsOf(state)).rejects.toMatchObject(refusal);
    await expect(addLabels(state, [label()], true)).rejects.toMatchObject(refusal);
  });

  it('passes over what a crash has left of the last line, wherever it was cut, and writes on behind the whole ones', async () => {
    const [a, b, c] = [label({ note: 'é' }), label({ campaign: 'ü' }), label({ campaign: 'e' })];
    await addLabels(state, [a], true);
    const whole = await readFile(path());
    const line = Buffer.from(lineOf(b));
    for (let cut = 0; cut <= line.length; cut++) {
      await writeFile(path(), Buffer.concat([whole, line.subarray(0, cut)]));
      const counts = cut >= line.length - 1;
      expect(await active()).toEqual(counts ? [a, b] : [a]);
      await addLabels(state, [c], true);
      expect(await active()).toEqual(counts ? [a, b, c] : [a, c]);
      expect((await readFile(path(), 'utf8')).endsWith(`\n${lineOf(c)}`)).toBe(true);
    }
  });

  it('takes labels of several that write at once, each once', async () => {
    const all = Array.from({ length: 8 }, (_, i) => label({ campaign: `c${i}` }));
    await Promise.all(all.map((one) => addLabels(state, [one], true)));
    expect((await active()).map(({ campaign }) => campaign).toSorted()).toEqual(
      all.map(({ campaign }) => campaign),
    );
  });

  it('does not need the lock of the participant, which runs', async () => {
    const lock = await lockFolder(state);
    await addLabels(state, [label()], true);
    await lock.release();
    expect(await active()).toHaveLength(1);
  });

  it('says that a folder is not there, and makes none', async () => {
    await expect(addLabels(join(state, 'none'), [label()], true)).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
    });
    expect(await readdir(state)).toEqual([]);
  });

  it('accepts lines that another system has ended its way', async () => {
    await appendFile(path(), lineOf(label()).replace('\n', '\r\n'));
    expect(await active()).toEqual([label()]);
  });
});

/** White space between the parts of JSON says nothing. */
function isSame(a: string, b: string): boolean {
  try {
    return JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b));
  } catch {
    return false;
  }
}
