import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { AppendLog, filesOf } from './append-log.ts';

const BOUNDS = { most: 100, kept: 2 };
const line = (n: number): string => `${String(n).padStart(39, '0')}\n`;

describe('a log that only grows', () => {
  it('keeps whole lines of what a crash has left, whatever it is', async () => {
    using folder = temporaryFolder();
    const path = folder.path('log');
    const long = 'x'.repeat(200_000);
    for (const [there, kept] of [
      ['', ''],
      ['{"a":1', ''],
      ['{"a":1}\n', '{"a":1}\n'],
      ['{"a":1}\n{"b":', '{"a":1}\n'],
      [`{"a":1}\n${long}`, '{"a":1}\n'],
      [long, ''],
    ] as const) {
      writeFileSync(path, there);
      const log = AppendLog.open(path, { most: 1e6, kept: 1 });
      await log.append(line(1));
      expect(readFileSync(path, 'utf8')).toBe(kept + line(1));
    }
  });

  it('is set aside when it is full, and the oldest goes; a gap that a crash has left is no matter', async () => {
    using folder = temporaryFolder();
    const path = folder.path('log');
    const log = AppendLog.open(path, BOUNDS);
    for (let n = 1; n <= 7; n++) await log.append(line(n));
    const content = (): string[] => filesOf(path, BOUNDS).map((name) => readFileSync(name, 'utf8'));
    expect(content()).toEqual([line(3) + line(4), line(5) + line(6), line(7)]);
    rmSync(`${path}.1`);
    await log.append(line(8) + line(9));
    expect(content()).toEqual([line(3) + line(4), line(7), line(8) + line(9)]);
    // Somebody has taken it away.
    rmSync(path);
    await log.append(line(10));
    expect(content().at(-1)).toBe(line(10));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.skipIf(process.getuid?.() === 0)('writes all of the lines or none', async () => {
    using folder = temporaryFolder();
    const log = AppendLog.open(folder.path('log'), BOUNDS);
    chmodSync(folder.root, 0o500);
    await expect(log.append(line(1))).rejects.toMatchObject({ code: expect.any(String) as string });
    chmodSync(folder.root, 0o700);
    expect(existsSync(folder.path('log'))).toBe(false);
    await log.append(line(1));
    expect(readFileSync(folder.path('log'), 'utf8')).toBe(line(1));
  });
});
