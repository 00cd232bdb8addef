import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from './process-lock.ts';

const MODULE = new URL('./process-lock.ts', import.meta.url).href;
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Another process that holds the folder until it is killed, or says why it does not. */
async function holder() {
  const code = `import { lockFolder } from ${JSON.stringify(MODULE)};
    try { await lockFolder(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000); }
    catch (error) { console.log(error.code + ' ' + error.got); }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: said.toString().trim() };
}

describe('the lock of a folder', () => {
  it('lets one holder in at a time, and the next one after its release', async () => {
    const first = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'STATE_IN_USE',
      got: `process ${process.pid} works in it`,
    });
    await first.release();
    await first.release();
    expect(await readdir(folder)).toEqual([]);
    const second = await lockFolder(folder);
    await second.release();
  });

  it('keeps another process out, by name; after kill -9 its lock is worth nothing', async () => {
    const { child, said } = await holder();
    expect(said).toBe('held');
    await expect(lockFolder(folder)).rejects.toMatchObject({ got: `process ${child.pid} works in it` });
    const other = await holder();
    expect(other.said).toBe(`STATE_IN_USE process ${child.pid} works in it`);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    const lock = await lockFolder(folder);
    expect(await readFile(join(folder, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
    if (process.platform !== 'win32') expect((await stat(join(folder, 'lock'))).mode & 0o777).toBe(0o600);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['the number of a process that does not exist', '4194304999 -\n'],
    ['the number of this process, written by an earlier one that had it', `${process.pid} -\n`],
    // Only Linux says when a process began.
    ...(process.platform === 'linux'
      ? [['the number of a running process with another start', `${process.ppid} boot.1\n`]]
      : []),
    ['nothing', ''],
    ['something else', 'x'],
  ])('a lock that holds %s is cleared away', async (_, content) => {
    await writeFile(join(folder, 'lock'), content);
    const lock = await lockFolder(folder);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('of many that clear a stale lock at the same time at most one gets the folder', async () => {
    await writeFile(join(folder, 'lock'), '4194304999 -\n');
    const all = await Promise.all(Array.from({ length: 6 }, () => holder()));
    expect(all.filter(({ said }) => said === 'held').length).toBe(1);
    for (const { child } of all) child.kill('SIGKILL');
  }, 30_000);

  it('a release does not remove the lock of somebody else', async () => {
    const lock = await lockFolder(folder);
    await writeFile(join(folder, 'lock'), '1 other\n');
    await lock.release();
    expect(await readFile(join(folder, 'lock'), 'utf8')).toBe('1 other\n');
  });

  it('a folder that is not there is the error of the system, and nothing is held', async () => {
    const missing = join(folder, 'missing');
    for (let i = 0; i < 2; i++) await expect(lockFolder(missing)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
