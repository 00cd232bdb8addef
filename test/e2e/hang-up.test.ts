import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const CLI = fileURLToPath(new URL('../../cli/cordon.ts', import.meta.url));
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-hang-up-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function keys(): Promise<string[]> {
  // A folder may go while it is read.
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith('.pem'));
}

describe.skipIf(process.platform === 'win32')('a terminal that is closed', () => {
  it.each([['demo --json'], ['bench round --json']])(
    'ends cordon %s, and no key is left on the disk',
    async (args) => {
      const env = { ...process.env, TMPDIR: folder };
      const child = spawn(process.execPath, [CLI, ...args.split(' ')], { env, stdio: 'ignore' });
      const ended = once(child, 'exit');
      try {
        while ((await keys()).length === 0 && child.exitCode === null) await sleep(50);
        expect(child.exitCode).toBeNull();
        // From the shell and from the system: the second one does not cut short what the first began.
        child.kill('SIGHUP');
        await sleep(20);
        child.kill('SIGHUP');
        expect(await ended).toEqual([130, null]);
        expect(await readdir(folder)).toEqual([]);
      } finally {
        child.kill('SIGKILL');
      }
    },
  );
});

describe.skipIf(process.platform !== 'linux')('nohup', () => {
  it('cannot be told: Node itself undoes it at its start, so that nothing is taken away by listening', () => {
    const ignored = (command: string) => {
      const status = execFileSync('sh', ['-c', `trap '' HUP; exec ${command}`], { encoding: 'latin1' });
      // `man 5 proc_pid_status`: a mask in hexadecimal, SIGHUP is its lowest bit.
      return (Number.parseInt(/SigIgn:\s*[0-9a-f]*([0-9a-f])\n/.exec(status)?.[1] ?? '', 16) & 1) === 1;
    };
    expect(ignored('cat /proc/self/status')).toBe(true);
    const read = "process.stdout.write(fs.readFileSync('/proc/self/status'))";
    expect(ignored(`'${process.execPath}' -e "${read}"`)).toBe(false);
  });
});
