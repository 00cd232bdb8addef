import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BLOCKING_BYTES } from './blocking.ts';
import { filePieces, namesIn, readNow } from './small-read.ts';

let folder: string;
let path: string;
const content = randomBytes(BLOCKING_BYTES + 100_000);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-small-'));
  path = join(folder, 'file');
  await writeFile(path, content);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function collected(length: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of filePieces(path, length)) pieces.push(Uint8Array.from(piece));
  return Buffer.concat(pieces);
}

describe('reads', () => {
  it.each([
    [0, 0],
    [0, 10],
    [17, 1000],
    [content.length - 5, 5],
  ])('give exactly the part from %i of %i bytes', (offset, length) => {
    expect(readNow(path, offset, length)).toEqual(new Uint8Array(content.subarray(offset, offset + length)));
  });

  it('give what is there where the file ends before, and nothing behind it', () => {
    expect(readNow(path, content.length - 5, 100)).toEqual(new Uint8Array(content.subarray(-5)));
    expect(readNow(path, content.length + 5, 100)).toHaveLength(0);
  });

  it.each([0, 1, BLOCKING_BYTES, BLOCKING_BYTES + 1, content.length])(
    'give the first %i bytes piece by piece, few or many',
    async (length) => {
      expect((await collected(length)).equals(content.subarray(0, length))).toBe(true);
    },
  );

  it('say so where there is no file', async () => {
    expect(() => readNow(join(folder, 'none'), 0, 1)).toThrow('ENOENT');
    await expect(filePieces(join(folder, 'none'), 1).next()).rejects.toThrow('ENOENT');
  });

  it('find the names of a folder, and none where there is no folder', () => {
    expect(namesIn(folder)).toEqual(['file']);
    expect(namesIn(join(folder, 'none'))).toEqual([]);
  });
});
