import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFile, writeDurably, writeWhole } from './durable-file.ts';

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

describe('a file that is replaced', () => {
  const large = new Uint8Array(300_000).map((_, i) => i % 251);

  it.each([
    ['small and durable', writeDurably, large.subarray(0, 1000)],
    ['small', writeWhole, large.subarray(0, 1000)],
    ['large and durable', writeDurably, large],
    ['large', writeWhole, large],
  ])('has all of the new content and mode 600, and nothing else is left: %s', async (_, write, bytes) => {
    const path = join(folder, 'a');
    await writeFile(path, 'old');
    await write(path, bytes);
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
    expect(await readdir(folder)).toEqual(['a']);
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it.each([1000, 300_000])(
    'keeps the old content where the new one of %d bytes cannot have its name',
    async (size) => {
      const path = join(folder, 'taken');
      await mkdir(join(path, 'inside'), { recursive: true });
      await expect(writeDurably(path, large.subarray(0, size))).rejects.toThrow();
      expect(await readdir(folder)).toEqual(['taken']);
      expect(await readdir(path)).toEqual(['inside']);
    },
  );
});
