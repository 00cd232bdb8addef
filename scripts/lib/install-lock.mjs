import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from './start-error.mjs';

const POLL_MS = 250;
const STALE_MS = 15 * 60_000;

/**
 * Runs `work` while this process alone holds the install lock of the checkout; waits for another holder.
 * A process that `work` shares the lock with keeps it when this one is killed.
 * @param {string} root
 * @param {(share: (pid: number) => void) => Promise<void>} work
 */
export async function withLock(root, work) {
  const lock = join(root, '.cache', 'install.lock');
  let told = false;
  while (!take(lock)) {
    const holders = holdersOf(lock);
    if (holders.length > 0 && isStale(lock, holders)) {
      drop(lock);
      continue;
    }
    if (!told && holders.length > 0) {
      process.stderr.write(`Waiting for process ${holders[0]}, which is installing ...\n`);
      told = true;
    }
    await delay(POLL_MS);
  }
  try {
    await work((pid) => appendFileSync(join(lock, 'pid'), ` ${pid}`));
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/**
 * The lock is a folder that already holds its owner when it appears: renaming onto a folder that is not empty fails.
 * @param {string} lock
 */
function take(lock) {
  const own = `${lock}.${process.pid}`;
  try {
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'pid'), String(process.pid));
  } catch (error) {
    throw new StartError('The checkout cannot be written to.', {
      expected: `to create ${own}`,
      got: error.message,
      next: 'check the permissions of the folder and the free disk space, then run the same command again',
    });
  }
  try {
    renameSync(own, lock);
    return true;
  } catch {
    rmSync(own, { recursive: true, force: true });
    return false;
  }
}

/**
 * @param {string} lock
 * @returns {number[]}
 */
function holdersOf(lock) {
  try {
    return readFileSync(join(lock, 'pid'), 'utf8').split(' ').map(Number);
  } catch {
    return [];
  }
}

/**
 * @param {string} lock
 * @param {number[]} holders
 */
function isStale(lock, holders) {
  if (!holders.some(isAlive)) return true;
  try {
    return Date.now() - statSync(lock).mtimeMs > STALE_MS;
  } catch {
    return false;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

/**
 * Moves a dead holder's lock away; of several that try, one succeeds.
 * @param {string} lock
 */
function drop(lock) {
  const grave = `${lock}.dead.${process.pid}`;
  try {
    renameSync(lock, grave);
    rmSync(grave, { recursive: true, force: true });
  } catch {
    // another process was faster; the next turn of the loop sees what it left
  }
}
