import { readFileSync } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CryptoError } from '../public/errors.ts';
import { createDurably, readIfThere } from './durable-file.ts';

/** Folders that this process holds: it may find its own number in a lock of an earlier process, too. */
const held = new Set<string>();

export interface ProcessLock {
  /** Gives the folder free; a second call changes nothing. */
  release(): Promise<void>;
}

/**
 * Takes a folder for this process alone, by a file `lock` that is made only where there is none and holds the process's
 * number. What a process that is gone has left behind is cleared away.
 * @param name of the file, where a folder has something in it that is taken apart from the rest
 * @throws CryptoError STATE_IN_USE naming the process that has it
 */
export async function lockFolder(folder: string, name = 'lock'): Promise<ProcessLock> {
  const path = join(resolve(folder), name);
  if (held.has(path)) throw taken(folder, process.pid);
  held.add(path);
  const own = `${process.pid} ${startOf(process.pid) ?? '-'}\n`;
  try {
    while (!(await createDurably(path, own))) await clear(path, folder);
  } catch (error) {
    held.delete(path);
    throw error;
  }
  return {
    release: async () => {
      if (!held.has(path)) return;
      if ((await readIfThere(path)) === own) await rm(path, { force: true });
      held.delete(path);
    },
  };
}

/** Removes a lock whose process is gone; another process may be doing the same at this moment. */
async function clear(path: string, folder: string): Promise<void> {
  const found = await readIfThere(path);
  if (found === null) return;
  const holder = runningHolder(found);
  if (holder !== null) throw taken(folder, holder);
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  // Between reading and renaming somebody else may have cleared the old lock and made a new one: that one goes back.
  if ((await readIfThere(aside)) !== found) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

/** The process that wrote this lock, if it still runs; numbers are used again, so its start must be the same. */
function runningHolder(content: string): number | null {
  const match = /^(\d{1,10}) (\S+)\n$/.exec(content);
  if (!match) return null;
  const pid = Number(match[1]);
  const started = startOf(pid);
  if (started !== null && match[2] !== '-') return started === match[2] ? pid : null;
  // This process itself does not hold it, or it would have said so before.
  return pid !== process.pid && isOurs(pid) ? pid : null;
}

/** A process of another user cannot be the one that made a file in this folder. */
function isOurs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** When a process began, in words that only it has; null where the system does not say (`man 5 proc_pid_stat`, field 22). */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before it may hold spaces and parentheses.
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return start === undefined ? null : `${boot}.${start}`;
  } catch {
    return null;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function taken(folder: string, pid: number): CryptoError {
  return new CryptoError('STATE_IN_USE', {
    expected: `the folder ${folder} for this process alone`,
    got: `process ${pid} works in it`,
    next: 'stop that process, or name another folder in the configuration',
  });
}
