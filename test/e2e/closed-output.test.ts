import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Runs the command line with one of its outputs closed before it writes. */
function unread(closed: 'stdout' | 'stderr', args: readonly string[]) {
  return new Promise<{ code: number | null; said: string }>((resolve, reject) => {
    const child = spawn(process.execPath, [`${ROOT}cli/cordon.ts`, ...args], { cwd: ROOT });
    const [gone, read] = closed === 'stdout' ? [child.stdout, child.stderr] : [child.stderr, child.stdout];
    let said = '';
    gone.destroy();
    read.on('data', (part: Buffer) => (said += part.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said }));
  });
}

describe('output that nobody reads', () => {
  it.each([['estimate'], ['estimate --json'], ['bench'], ['--help'], ['consortium show --help']])(
    'ends cordon %s quietly',
    async (args) => {
      expect(await unread('stdout', args.split(' '))).toEqual({ code: 0, said: '' });
    },
  );

  it('keeps the exit code of what went wrong', async () => {
    expect(await unread('stdout', ['bench', 'secure-sun', '--json'])).toEqual({ code: 2, said: '' });
    expect(await unread('stderr', ['bench', 'secure-sun'])).toEqual({ code: 2, said: '' });
  });

  it('of progress ends a bench, which would measure for minutes', async () => {
    expect(await unread('stderr', ['bench', 'secure-sum'])).toEqual({ code: 0, said: '' });
  });
});

it.skipIf(!existsSync('/dev/full'))(
  'says DISK_FULL of output that a full disk does not take (needs /dev/full)',
  () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(
      process.execPath,
      [`${ROOT}cli/cordon.ts`, 'datasets', 'inspect', `${ROOT}datasets/fixtures/auth.txt`, '--json'],
      { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' },
    );
    closeSync(full);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error DISK_FULL: .*\n {2}expected {2}.*\n {2}got {7}.*\n {2}next {6}.*\n$/m);
  },
);
