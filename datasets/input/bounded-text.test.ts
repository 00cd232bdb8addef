import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures/collect.ts';
import { readBoundedText } from './bounded-text.ts';

it('reads a file up to the bound, and nothing of a longer or endless one', async () => {
  using folder = temporaryFolder();
  const path = folder.path('a.txt');
  writeFileSync(path, 'größer');
  expect(await readBoundedText(path, 8)).toBe('größer');
  expect(await readBoundedText(path, 7)).toBeNull();
  writeFileSync(path, '');
  expect(await readBoundedText(path, 0)).toBe('');
  await expect(readBoundedText(folder.path('b.txt'), 8)).rejects.toMatchObject({ code: 'ENOENT' });
});

it.skipIf(process.platform === 'win32')('ends where the file never does', async () => {
  expect(await readBoundedText('/dev/zero', 100_000)).toBeNull();
});
