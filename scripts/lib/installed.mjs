import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * True if node_modules holds what the lock file says. The stamp makes this cheap; without one, npm's own record of
 * what it put there is compared, so that nothing is installed twice after a plain `npm ci`.
 * @param {string} root
 */
export function isInstalled(root) {
  const stamp = readText(stampPath(root));
  if (stamp === lockHash(root)) return firstAbsent(root) === null;
  if (!recordMatchesLock(root) || firstAbsent(root) !== null) return false;
  writeStamp(root);
  return true;
}

/** @param {string} root */
function recordMatchesLock(root) {
  const record = packagesOf(recordPath(root));
  if (record === null) return false;
  const locked = Object.entries(packagesOf(join(root, 'package-lock.json')) ?? {});
  return locked.every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || entry.link) return true;
    const found = record[path];
    return found ? found.version === entry.version : entry.optional === true || entry.peer === true;
  });
}

/**
 * The first package that npm says it installed and that is not there.
 * @param {string} root
 */
export function firstAbsent(root) {
  const record = packagesOf(recordPath(root));
  if (record === null) return 'node_modules';
  const paths = Object.keys(record).filter((path) => path.startsWith('node_modules/'));
  return paths.find((path) => !existsSync(join(root, path, 'package.json'))) ?? null;
}

/** @param {string} root */
export function writeStamp(root) {
  writeFileSync(stampPath(root), lockHash(root));
}

/** @param {string} root */
export function clearStamp(root) {
  rmSync(stampPath(root), { force: true });
}

/** @param {string} root */
function stampPath(root) {
  return join(root, 'node_modules', '.cordon-installed');
}

/** @param {string} root */
function recordPath(root) {
  return join(root, 'node_modules', '.package-lock.json');
}

/** @param {string} root */
function lockHash(root) {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n`);
  return hash.update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
}

/**
 * @param {string} path
 * @returns {Record<string, { version?: string, optional?: boolean, peer?: boolean, link?: boolean }> | null}
 */
function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? null;
  } catch {
    return null; // absent or cut short: both mean "not installed"
  }
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
