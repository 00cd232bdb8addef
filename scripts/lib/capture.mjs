import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * The script of an installed tool, run with this very Node instead of what `#!/usr/bin/env node` would find.
 * @param {string} path below node_modules
 */
export function bin(path) {
  return fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));
}

/**
 * Runs a script to its end and keeps everything it says.
 * @param {string} cwd
 * @param {string[]} args script and its arguments
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function capture(cwd, args) {
  return new Promise((resolve, reject) => {
    const color = process.stdout.isTTY && !process.env.NO_COLOR ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...color },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString() }));
  });
}
