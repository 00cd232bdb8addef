import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Machine } from './result.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** The commit of the sources that run, or, in a package, its version. */
export function commit(version: string): string {
  // In a package this folder lies inside somebody else's repository, whose commit says nothing about ours.
  if (import.meta.url.endsWith('.ts')) {
    const hash = git(['rev-parse', '--short=12', 'HEAD']);
    const changed = git(['status', '--porcelain', '--untracked-files=no']);
    if (hash) return changed === '' ? hash : `${hash}-dirty`;
  }
  return `v${version}`;
}

function git(args: readonly string[]): string | null {
  const { status, stdout } = spawnSync('git', args, { cwd: HERE, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/** What the figures were measured on. */
export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    system: `${type()} ${release()} ${process.arch}`,
    node: process.version,
  };
}
