import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BLOCKING_BYTES } from './blocking.ts';
import { OpenFile } from './open-file.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-open-'));
  path = join(folder, 'a');
  await nextTurn();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);

describe('an open file', () => {
  it.each([0, 1, 5000, BLOCKING_BYTES, BLOCKING_BYTES + 1, 3 * BLOCKING_BYTES])(
    'gives back %d bytes that were written in pieces, at any place, as the system has them',
    async (size) => {
      const bytes = pattern(size);
      const file = OpenFile.open(path, 'w+');
      const half = size >> 1;
      await file.write(bytes.subarray(half), half);
      await file.write(bytes.subarray(0, half), 0);
      await file.datasync();
      await file.sync();
      expect(file.size).toBe(size);
      const whole = new Uint8Array(size);
      expect(await file.read(whole, 0)).toBe(size);
      expect(Buffer.compare(whole, bytes)).toBe(0);
      expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
      await file.truncate(half);
      await file.close();
      expect((await stat(path)).size).toBe(half);
      if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
    },
  );

  it.each([100, BLOCKING_BYTES + 100])(
    'read beyond its end gives what is there: %d bytes asked for',
    async (asked) => {
      await writeFile(path, pattern(60));
      const file = OpenFile.open(path, 'r');
      const into = new Uint8Array(asked);
      expect(await file.read(into, 20)).toBe(40);
      expect(into.subarray(0, 41)).toEqual(Uint8Array.of(...pattern(60).subarray(20), 0));
      expect(await file.read(into, 60)).toBe(0);
      await file.close();
    },
  );

  it('names the code of what goes wrong, as the system does', async () => {
    expect(() => OpenFile.open(path, 'r')).toThrow(expect.objectContaining({ code: 'ENOENT' }) as Error);
    await writeFile(path, '');
    const file = OpenFile.open(path, 'r');
    for (const size of [1, BLOCKING_BYTES + 1]) {
      await expect(file.write(new Uint8Array(size), 0)).rejects.toMatchObject({ code: 'EBADF' });
    }
    await file.close();
  });

  it('is closed after what is under way, and takes nothing afterwards: its number may be that of another file', async () => {
    const bytes = pattern(8 * BLOCKING_BYTES);
    const file = OpenFile.open(path, 'w+');
    const written = file.write(bytes, 0);
    const closed = file.close();
    await file.close();
    await Promise.all([written, closed]);
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
    const other = fs.openSync(join(folder, 'b'), 'w+');
    await expect(file.write(bytes.subarray(0, 10), 0)).rejects.toThrow('closed');
    await expect(file.read(new Uint8Array(10), 0)).rejects.toThrow('closed');
    await expect(file.datasync()).rejects.toThrow('closed');
    expect(fs.fstatSync(other).size).toBe(0);
    fs.closeSync(other);
  });

  it('gives the others their turn between many small reads', async () => {
    await writeFile(path, pattern(50_000));
    const file = OpenFile.open(path, 'r');
    const into = new Uint8Array(50_000);
    let turns = 0;
    const count = () => {
      turns += 1;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    for (let i = 0; i < 200; i++) await file.read(into, 0);
    clearImmediate(timer);
    // 10 MB in all, of which at most 1 MB a turn blocks.
    expect(turns).toBeGreaterThan(5);
    await file.close();
  });
});
