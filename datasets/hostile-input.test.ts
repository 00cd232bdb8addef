import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { collect, temporaryFolder } from './fixtures/collect.ts';
import { makeZip } from './fixtures/zip.ts';
import { inspectDataset } from './inspect.ts';
import { renderInspection } from './inspect-text.ts';

const LINE = '1,U1@D,U1@D,C1,C2,Kerberos,Network,LogOn,Success\n';
const OPEN = fileURLToPath(new URL('open.ts', import.meta.url));

/** Reads a file in a process of its own: what it counted and the most memory that it held, MB. */
function readApart(path: string): {
  events: number;
  rejects: { line: number; reason: string }[];
  peak: number;
} {
  const script = `
    const { readDataset } = await import(${JSON.stringify(OPEN)});
    const reading = readDataset(${JSON.stringify(path)});
    for await (const _ of reading);
    const { events, rejectList } = reading.stats;
    console.log(JSON.stringify({ events, rejects: rejectList, peak: process.resourceUsage().maxRSS / 1024 }));`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return JSON.parse(out) as ReturnType<typeof readApart>;
}

/** Root may read everything: for as long as `act` takes this process is somebody else. */
async function asNobody(act: () => Promise<void>): Promise<void> {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65_534);
  try {
    await act();
  } finally {
    if (root) process.seteuid?.(0);
  }
}

describe('what is not what it should be ends in one clear error or one reject', () => {
  it('a line of 2 GB is one reject with its number, and memory stays bounded', () => {
    using folder = temporaryFolder();
    const file = openSync(folder.path('auth.txt'), 'w');
    // A NUL within the first kilobytes would make it a binary file.
    writeSync(file, LINE.repeat(200));
    // A hole in the file: two gigabytes of NUL that take no space.
    const length = 200 * LINE.length + 2 * 2 ** 30;
    ftruncateSync(file, length);
    writeSync(file, `\n${LINE}`, length);
    closeSync(file);
    const { events, rejects, peak } = readApart(folder.path('auth.txt'));
    expect(events).toBe(201);
    expect(rejects).toMatchObject([{ line: 201, reason: 'longer than 16777216 bytes' }]);
    expect(peak).toBeLessThan(400);
  }, 120_000);

  it('a line of 2 GB in a gz of two megabytes is the same', () => {
    using folder = temporaryFolder();
    const member = gzipSync(Buffer.alloc(2 ** 26, 0x30), { level: 1 });
    const members = Array.from({ length: 32 }, () => member);
    writeFileSync(folder.path('a.gz'), Buffer.concat([gzipSync(LINE), ...members, gzipSync(`\n${LINE}`)]));
    const { events, rejects, peak } = readApart(folder.path('a.gz'));
    expect(events).toBe(2);
    expect(rejects).toMatchObject([{ line: 2, reason: 'longer than 16777216 bytes' }]);
    expect(peak).toBeLessThan(400);
  }, 120_000);

  it('other bytes behind a gz are FILE_TRUNCATED, NULs behind it are padding', async () => {
    using folder = temporaryFolder();
    for (const tail of ['garbage', '\x1f\x8b\x08garbage', 'x']) {
      writeFileSync(folder.path('a.gz'), Buffer.concat([gzipSync(LINE), Buffer.from(tail, 'latin1')]));
      await expect(collect(folder.path('a.gz')), tail).rejects.toMatchObject({ code: 'FILE_TRUNCATED' });
    }
    writeFileSync(folder.path('a.gz'), Buffer.concat([gzipSync(LINE), Buffer.alloc(1000)]));
    expect((await collect(folder.path('a.gz'))).events).toHaveLength(1);
  });

  it('a loop of links is DATA_NOT_FOUND, alone and in a folder', async () => {
    using folder = temporaryFolder();
    symlinkSync('b', folder.path('a'));
    symlinkSync('a', folder.path('b'));
    writeFileSync(folder.path('auth.txt'), LINE);
    for (const path of [folder.path('a'), folder.root])
      await expect(collect(path)).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });

  it.skipIf(process.platform === 'win32')('pipes and sockets are named and never opened', async () => {
    using folder = temporaryFolder();
    execFileSync('mkfifo', [folder.path('pipe')]);
    const server = createServer().listen(folder.path('socket'));
    await once(server, 'listening');
    try {
      symlinkSync('pipe', folder.path('to-pipe'));
      writeFileSync(folder.path('auth.txt'), LINE);
      const { stats, events } = await collect(folder.root);
      expect(events).toHaveLength(1);
      expect(stats.skipped).toEqual(
        ['pipe', 'socket', 'to-pipe'].map((file) => ({
          file,
          reason: 'a pipe, socket or device, not a file',
        })),
      );
      for (const name of ['pipe', 'socket', 'to-pipe'])
        await expect(collect(folder.path(name))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    } finally {
      server.close();
    }
  });

  it.skipIf(process.platform === 'win32')('what this user may not read is DATA_NOT_FOUND', async () => {
    using folder = temporaryFolder();
    chmodSync(folder.root, 0o755);
    writeFileSync(folder.path('auth.txt'), LINE);
    writeFileSync(folder.path('secret.txt'), LINE, { mode: 0 });
    mkdirSync(folder.path('closed'), { mode: 0 });
    await asNobody(async () => {
      expect((await collect(folder.path('auth.txt'))).events).toHaveLength(1);
      for (const name of ['secret.txt', 'closed', '.'])
        await expect(collect(folder.path(name)), name).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    });
  });

  it('a path with a NUL is DATA_NOT_FOUND; names with newlines come out of an inspection as one line', async () => {
    await expect(collect('a\0b')).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    using folder = temporaryFolder();
    const name = process.platform === 'win32' ? 'a' : 'a\nTime  forged';
    writeFileSync(folder.path(name), LINE);
    writeFileSync(folder.path('b.zip'), makeZip({ 'x\nRejects  0\0': LINE, y: 'nonsense\n' }));
    const text = renderInspection(await inspectDataset(folder.root));
    expect(text).toContain('Events     2: 2 auth');
    expect(text).not.toMatch(/^(Time {2}forged|Rejects {2}0)/m);
  });

  it('a first line of several megabytes that nothing recognises is FORMAT_UNKNOWN', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('a'), Buffer.alloc(5_000_000, 0x61));
    await expect(collect(folder.path('a'))).rejects.toMatchObject({ code: 'FORMAT_UNKNOWN' });
  });
});
