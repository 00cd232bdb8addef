import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import type { StoredBlob } from './blob-reader.ts';
import { KeptRanges } from './kept-ranges.ts';

const BLOB = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) % 256);
const federation = new TestFederation(3);
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-kept-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function stored(round: number): Promise<StoredBlob> {
  const path = join(folder, String(round));
  await writeFile(path, BLOB);
  return { manifest: federation.round(round).manifest('org-1'), path };
}

it('reads a range once, and any part of it from memory; other ranges are read for themselves', async () => {
  const [ranges, source] = [new KeptRanges(), await stored(1)];
  const whole = { offset: 100, length: 400 };
  expect(await ranges.read(source, { offset: 150, length: 50 }, whole)).toEqual(BLOB.subarray(150, 200));
  expect(await ranges.read(source, { offset: 0, length: 10 })).toEqual(BLOB.subarray(0, 10));
  await writeFile(source.path, new Uint8Array(1000));
  expect(await ranges.read(source, { offset: 499, length: 1 }, whole)).toEqual(BLOB.subarray(499, 500));
  expect(await ranges.read(source, whole)).toEqual(BLOB.subarray(100, 500));
  expect(await ranges.read(source, { offset: 100, length: 399 })).toEqual(new Uint8Array(399));
});

it('keeps no more than it may, and nothing of the round before', async () => {
  const [ranges, first, second] = [new KeptRanges(600), await stored(1), await stored(2)];
  const [kept, beyond] = [
    { offset: 0, length: 400 },
    { offset: 400, length: 201 },
  ];
  for (const range of [kept, beyond]) await ranges.read(first, range);
  await writeFile(first.path, new Uint8Array(1000));
  expect(await ranges.read(first, kept)).toEqual(BLOB.subarray(0, 400));
  expect(await ranges.read(first, beyond)).toEqual(new Uint8Array(201));
  expect(await ranges.read(second, kept)).toEqual(BLOB.subarray(0, 400));
  expect(await ranges.read(first, kept)).toEqual(new Uint8Array(400));
});

it('a slow reader of the round before does not drive out what is kept of this one', async () => {
  const [ranges, first, second] = [new KeptRanges(), await stored(1), await stored(2)];
  const range = { offset: 0, length: 400 };
  await ranges.read(second, range);
  await writeFile(second.path, new Uint8Array(1000));
  expect(await ranges.read(first, range)).toEqual(BLOB.subarray(0, 400));
  expect(await ranges.read(second, range)).toEqual(BLOB.subarray(0, 400));
});

it('what could not be read takes no room', async () => {
  const [ranges, source] = [new KeptRanges(600), await stored(1)];
  const range = { offset: 0, length: 400 };
  await rm(source.path);
  await expect(ranges.read(source, range)).rejects.toThrow();
  await stored(1);
  await ranges.read(source, range);
  await writeFile(source.path, new Uint8Array(1000));
  expect(await ranges.read(source, range)).toEqual(BLOB.subarray(0, 400));
});
