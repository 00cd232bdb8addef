import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFile } from './durable-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-file-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a file that is written piece by piece', () => {
  it.each([true, false])('has its name only once it is sealed, durably: %s', async (durably) => {
    const path = join(folder, 'a');
    await writeFile(path, 'old');
    const file = await createFile(folder);
    await file.write(Buffer.from('one '));
    await file.write(Buffer.from('two'));
    expect(await readFile(path, 'utf8')).toBe('old');
    await file.seal(path, durably);
    expect(await readFile(path, 'utf8')).toBe('one two');
    await file.discard();
    expect(await readdir(folder)).toEqual(['a']);
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('leaves nothing behind when it is given up or cannot have its name', async () => {
    const given = await createFile(folder);
    await given.write(Buffer.from('x'));
    await given.discard();
    await given.discard();
    const nowhere = await createFile(folder);
    await expect(nowhere.seal(join(folder, 'no', 'such', 'folder'), true)).rejects.toMatchObject({
      code: 'ENOENT',
    });
    expect(await readdir(folder)).toEqual([]);
  });
});
