import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CHUNK_BYTES } from '../../crypto/public/params.ts';
import { TestFederation } from '../../test/crypto-federation.ts';
import type { StoredBlob } from './blob-reader.ts';
import { type ByteRange, KeptRanges } from './kept-ranges.ts';

const BLOB = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) % 256);
/** Two and a half of the pieces in which chunks are kept. */
const CHUNKS = 20;
const LONG = Uint8Array.from({ length: CHUNKS * CHUNK_BYTES }, (_, i) => (i * 7 + (i >> 12)) % 256);
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

/** A blob with chunks and nothing behind them. */
async function longBlob(): Promise<StoredBlob> {
  const path = join(folder, 'long');
  await writeFile(path, LONG);
  return { manifest: federation.round(1).manifest('org-1', undefined, { chunks: CHUNKS }), path };
}

/** Every range of so many chunks, one after another from the one that begins last. */
function* rangesOf(chunks: number): Generator<ByteRange> {
  for (let from = CHUNKS - chunks; from >= 0; from--) {
    yield { offset: from * CHUNK_BYTES, length: chunks * CHUNK_BYTES };
  }
}

const sameBytes = (bytes: Uint8Array, { offset, length }: ByteRange) =>
  Buffer.compare(bytes, LONG.subarray(offset, offset + length)) === 0;

it('reads a range once, and any part of it from memory; other ranges are read for themselves', async () => {
  const [ranges, source] = [new KeptRanges(), await stored(1)];
  const whole = { offset: 100, length: 400 };
  const [head, shorter] = [
    { offset: 0, length: 10 },
    { offset: 100, length: 399 },
  ];
  expect(await ranges.read(source, { offset: 150, length: 50 }, whole)).toEqual(BLOB.subarray(150, 200));
  expect(await ranges.read(source, head, head)).toEqual(BLOB.subarray(0, 10));
  await writeFile(source.path, new Uint8Array(1000));
  expect(await ranges.read(source, { offset: 499, length: 1 }, whole)).toEqual(BLOB.subarray(499, 500));
  expect(await ranges.read(source, whole, whole)).toEqual(BLOB.subarray(100, 500));
  expect(await ranges.read(source, shorter, shorter)).toEqual(new Uint8Array(399));
});

it('keeps every chunk once, wherever the ranges begin that are asked for', async () => {
  const [ranges, source] = [new KeptRanges(LONG.length), await longBlob()];
  const asked = [8, 3, 1, 17, CHUNKS].flatMap((chunks) => [...rangesOf(chunks)]);
  for (const range of asked) expect(sameBytes(await ranges.read(source, range), range)).toBe(true);
  await writeFile(source.path, new Uint8Array(LONG.length));
  for (const range of asked) expect(sameBytes(await ranges.read(source, range), range)).toBe(true);
});

it('a range over a piece for which there is no room is read for itself, and drives out nothing', async () => {
  const [ranges, source] = [new KeptRanges(8 * CHUNK_BYTES), await longBlob()];
  const [first, across] = [
    { offset: 0, length: CHUNK_BYTES },
    { offset: 5 * CHUNK_BYTES, length: 8 * CHUNK_BYTES },
  ];
  for (const range of [first, across]) expect(sameBytes(await ranges.read(source, range), range)).toBe(true);
  await writeFile(source.path, new Uint8Array(LONG.length));
  expect(await ranges.read(source, across)).toEqual(new Uint8Array(across.length));
  const piece = { offset: 0, length: 8 * CHUNK_BYTES };
  expect(sameBytes(await ranges.read(source, piece), piece)).toBe(true);
});

it('keeps no more than it may, and nothing of the round before', async () => {
  const [ranges, first, second] = [new KeptRanges(600), await stored(1), await stored(2)];
  const [kept, beyond] = [
    { offset: 0, length: 400 },
    { offset: 400, length: 201 },
  ];
  for (const range of [kept, beyond]) await ranges.read(first, range, range);
  await writeFile(first.path, new Uint8Array(1000));
  expect(await ranges.read(first, kept, kept)).toEqual(BLOB.subarray(0, 400));
  expect(await ranges.read(first, beyond, beyond)).toEqual(new Uint8Array(201));
  expect(await ranges.read(second, kept, kept)).toEqual(BLOB.subarray(0, 400));
  expect(await ranges.read(first, kept, kept)).toEqual(new Uint8Array(400));
});

it('a slow reader of the round before does not drive out what is kept of this one', async () => {
  const [ranges, first, second] = [new KeptRanges(), await stored(1), await stored(2)];
  const range = { offset: 0, length: 400 };
  await ranges.read(second, range, range);
  await writeFile(second.path, new Uint8Array(1000));
  expect(await ranges.read(first, range, range)).toEqual(BLOB.subarray(0, 400));
  expect(await ranges.read(second, range, range)).toEqual(BLOB.subarray(0, 400));
});

it('what could not be read takes no room', async () => {
  const [ranges, source] = [new KeptRanges(600), await stored(1)];
  const range = { offset: 0, length: 400 };
  await rm(source.path);
  await expect(ranges.read(source, range, range)).rejects.toThrow();
  await stored(1);
  await ranges.read(source, range, range);
  await writeFile(source.path, new Uint8Array(1000));
  expect(await ranges.read(source, range, range)).toEqual(BLOB.subarray(0, 400));
});
