import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from './start-error.mjs';

const POLL_MS = 250;
const STALE_MS = 15 * 60_000;

/**
 * Runs `work` while this process alone holds the install lock of the checkout; waits for another holder.
 * @param {string} root
 * @param {() => Promise<void>} work
 */
export async function withLock(root, work) {
  const lock = join(root, '.cache', 'install.lock');
  let told = false;
  while (!take(lock)) {
    const holder = holderOf(lock);
    if (holder !== null && isStale(lock, holder)) {
      drop(lock);
      continue;
    }
    if (!told && holder !== null) {
      process.stderr.write(`Waiting for process ${holder}, which is installing ...\n`);
      told = true;
    }
    await delay(POLL_MS);
  }
  try {
    await work();
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
 * @returns {number | null}
 */
function holderOf(lock) {
  try {
    return Number(readFileSync(join(lock, 'pid'), 'utf8'));
  } catch {
    return null;
  }
}

/**
 * @param {string} lock
 * @param {number} holder
 */
function isStale(lock, holder) {
  try {
    process.kill(holder, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return true;
  }
  try {
    return Date.now() - statSync(lock).mtimeMs > STALE_MS;
  } catch {
    return false;
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
