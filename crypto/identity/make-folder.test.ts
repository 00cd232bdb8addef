import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type * as DurableFile from './durable-file.ts';
import { syncDirectory } from './durable-file.ts';
import { makeFolder } from './make-folder.ts';

vi.mock('./durable-file.ts', async (original) => {
  const real = await original<typeof DurableFile>();
  return { ...real, syncDirectory: vi.fn(real.syncDirectory) };
});
const synced = () => vi.mocked(syncDirectory).mock.calls;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-folder-'));
});
afterEach(() => {
  vi.mocked(syncDirectory).mockClear();
  return rm(folder, { recursive: true, force: true });
});

it.each([
  ['absolute', (path: string) => path],
  ['relative', (path: string) => relative(process.cwd(), path)],
])(
  'an %s folder is made with those above it, and every folder that got a name is synced',
  async (_, form) => {
    const path = join(folder, 'a', 'b', 'c');
    await makeFolder(`${form(path)}/`);
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect(synced()).toEqual([[join(folder, 'a', 'b')], [join(folder, 'a')], [folder]]);
  },
);

it('of a folder that is there nothing is synced, and its mode stays', async () => {
  const before = await stat(folder);
  await makeFolder(folder);
  expect(synced()).toEqual([]);
  expect((await stat(folder)).mode).toBe(before.mode);
});

it('where a file has the name it is the error of the system', async () => {
  await expect(makeFolder(import.meta.filename)).rejects.toMatchObject({ code: 'EEXIST' });
});
