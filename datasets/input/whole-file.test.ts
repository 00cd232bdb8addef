import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../fixtures/collect.ts';
import { makeZip } from '../fixtures/zip.ts';
import { openParts } from './parts.ts';
import { type WholeFile, wholeFile } from './whole-file.ts';

const TEXT = Array.from({ length: 300 }, (_, i) => `name${i}\n`).join('');

/** The only part of a file, as a file. */
async function whole(path: string, maxBytes = 2 ** 20): Promise<WholeFile> {
  for await (const part of openParts(path)) return wholeFile(part, part.chunks(), maxBytes);
  throw new Error(`no part in ${path}`);
}

describe('a part as a whole file', () => {
  const folder = temporaryFolder();
  const scratch = temporaryFolder();
  beforeEach(() => {
    vi.stubEnv('TMPDIR', scratch.root);
    expect(tmpdir()).toBe(scratch.root);
  });
  afterEach(() => {
    expect(readdirSync(scratch.root)).toEqual([]);
    vi.unstubAllEnvs();
  });

  it('is a plain file itself, which stays when it is disposed of', async () => {
    const path = folder.path('plain');
    writeFileSync(path, TEXT);
    {
      await using file = await whole(path);
      expect(file.path).toBe(path);
    }
    expect(readFileSync(path, 'utf8')).toBe(TEXT);
  });

  it('is a temporary copy for this user alone of what is compressed or in an archive, removed afterwards', async () => {
    for (const [name, bytes] of [
      ['names.gz', gzipSync(TEXT)],
      ['names.zst', zstdCompressSync(TEXT)],
      ['names.zip', makeZip({ a: TEXT })],
    ] as const) {
      writeFileSync(folder.path(name), bytes);
      let copy = '';
      {
        await using file = await whole(folder.path(name));
        copy = file.path;
        expect(copy.startsWith(scratch.root), name).toBe(true);
        expect(readFileSync(copy, 'utf8'), name).toBe(TEXT);
        expect(statSync(copy).mode & 0o777, name).toBe(0o600);
      }
      expect(existsSync(copy), name).toBe(false);
    }
  });

  it('leaves no copy of a part that is cut short or too large to copy', async () => {
    const gzip = gzipSync(TEXT);
    writeFileSync(folder.path('cut.gz'), gzip.subarray(0, -12));
    await expect(whole(folder.path('cut.gz'))).rejects.toMatchObject({ code: 'FILE_TRUNCATED' });
    writeFileSync(folder.path('large.gz'), gzip);
    await expect(whole(folder.path('large.gz'), 1000)).rejects.toMatchObject({
      code: 'FORMAT_UNKNOWN',
      expected: 'at most 1000 bytes in large.gz, which must be unpacked to be read',
    });
  });
});
