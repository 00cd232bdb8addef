import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './start-error.mjs';

/** The oldest Node that runs Cordon: ML-KEM in node:crypto came with 24.7, unflagged type stripping before. */
const MINIMUM = [24, 8];

/**
 * The Node to run on: the one brought along by `scripts/runtime`, else the current one if it is new enough.
 * @param {string} root
 * @returns {string} absolute path of the executable
 */
export function findNode(root) {
  const own = brought(root);
  if (own !== null) return own;
  if (isNewEnough(process.versions.node)) return process.execPath;
  throw new StartError('This Node is too old, and none is brought along for this platform.', {
    expected: `Node ${MINIMUM.join('.')} or newer on ${process.platform} ${process.arch}`,
    got: `Node ${process.versions.node} (${process.execPath})`,
    next: 'install Node 24 (LTS) or newer, put it first on your PATH and run the same command again',
  });
}

/** @param {string} root */
function brought(root) {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const path = join(root, 'node_modules', `node-${platform}-${process.arch}`, 'bin', name);
  if (!existsSync(path)) return null;
  // It may be there and still not run: another C library (Alpine), a no-exec mount, a file cut short.
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return status === 0 && isNewEnough(stdout.trim().slice(1)) ? path : null;
}

/** @param {string} version for example 24.21.0 */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}
